"""When a provider is left alone: after faults in a row, for a while that grows, until a trial succeeds."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

_LONGEST_WAIT = timedelta(minutes=15)  # as long as a queue can keep a message back


@dataclass(frozen=True, slots=True)
class CircuitRules:
    """Opens after so many `faults` within `window` and no answer between; stays open for `wait` at first.

    `trial` is longer than any call takes: a trial of which nothing was heard for so long is made again.
    """

    faults: int
    window: timedelta
    wait: timedelta
    trial: timedelta


@dataclass(frozen=True, slots=True)
class Circuit:
    """Closed without `retry_at`; else open until then. `version` counts the writes."""

    version: int = 0
    faults: int = 0
    counted_since: datetime | None = None
    retry_at: datetime | None = None
    failed_trials: int = 0

    @property
    def is_at_rest(self) -> bool:
        """The provider answers, and nothing else was noted."""
        return self.faults == 0 and self.retry_at is None

    def refuses(self, now: datetime) -> bool:
        return self.retry_at is not None and now < self.retry_at

    def try_once(self, now: datetime, rules: CircuitRules) -> "Circuit":
        """Half open: whoever writes this may ask; all others still meet an open circuit."""
        return self._next(retry_at=now + rules.trial)

    def fail(self, now: datetime, rules: CircuitRules, *, tried: bool) -> "Circuit":
        """A fault. One of a call that began before the circuit opened changes nothing."""
        if tried:
            wait = min(rules.wait * 2 ** (self.failed_trials + 1), _LONGEST_WAIT)
            return self._next(retry_at=now + wait, failed_trials=self.failed_trials + 1)
        if self.retry_at is not None:
            return self
        fresh = self.counted_since is None or now - self.counted_since > rules.window
        faults = 1 if fresh else self.faults + 1
        retry_at = now + rules.wait if faults >= rules.faults else None
        return self._next(
            faults=faults, counted_since=now if fresh else self.counted_since, retry_at=retry_at
        )

    def close(self) -> "Circuit":
        """The provider answered."""
        return self if self.is_at_rest else Circuit(version=self.version + 1)

    def _next(self, **changes: int | datetime | None) -> Self:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
