"""What is on hand and held of a product at a location, and every way in which that may change."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from jetbridge.kernel.errors import DomainError


class InsufficientStock(DomainError):
    code = "insufficient_stock"


class Reason(StrEnum):
    """Why a level changed, as the ledger says it."""

    COUNT = "count"
    HOLD = "hold"
    SALE = "sale"
    RELEASE = "release"
    EXPIRY = "expiry"
    RETURN = "return"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Place:
    product_id: str
    location: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a change: `reference` is an order's id, or an import's id and line (`id:7`)."""

    reference: str
    correlation_id: str
    causation_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Threshold:
    """Below so many available units a product is low. `version` counts the operators' decisions."""

    product_id: str
    units: int
    version: int


@dataclass(frozen=True, slots=True)
class Count:
    """What a row of a stock file says. The newest `revision` wins; two rows never have the same."""

    place: Place
    quantity: int
    update_date: str
    revision: str


@dataclass(frozen=True, slots=True)
class Level:
    """Always on_hand >= held >= 0. `counted` is the last Count that was taken over.

    A count never breaks a hold: where it is below what is held, on hand stays at what is held, and
    `oversold_by` says how many of those units do not exist. As holds are given back it shrinks first.
    `oversold_orders` stands for the version in which that grew: whose holds it concerns.

    `threshold_version` is the version of the decision that `threshold` is; 0: nobody decided.
    A version that moved units is its own entry of the ledger: why, who, how much, and what it came to.
    """

    place: Place
    on_hand: int
    held: int
    counted: Count
    threshold: int
    oversold_by: int
    reason: Reason
    cause: Cause
    version: int
    on_hand_change: int = 0
    held_change: int = 0
    oversold_orders: tuple[str, ...] = ()
    threshold_version: int = 0

    @property
    def moved_units(self) -> bool:
        return bool(self.on_hand_change or self.held_change)

    @property
    def available(self) -> int:
        return self.on_hand - self.held

    @property
    def is_low(self) -> bool:
        return self.available < self.threshold

    def hold(self, quantity: int, cause: Cause) -> "Level":
        """Raises InsufficientStock."""
        if quantity > self.available:
            raise InsufficientStock(f"{self.place.product_id}: wanted {quantity}, have {self.available}")
        return self._next(Reason.HOLD, cause, held=quantity)

    def sell(self, quantity: int, cause: Cause) -> "Level":
        """Held units leave."""
        return self._next(Reason.SALE, cause, on_hand=-quantity, held=-quantity)

    def release(self, quantity: int, cause: Cause) -> "Level":
        """Held units are available again, except those that do not exist."""
        missing = min(quantity, self.oversold_by)
        return self._next(Reason.RELEASE, cause, on_hand=-missing, held=-quantity, oversold_by=-missing)

    def expire(self, quantity: int, cause: Cause) -> "Level":
        return replace(self.release(quantity, cause), reason=Reason.EXPIRY)

    def take_back(self, quantity: int, cause: Cause) -> "Level":
        """Sold units come back, except those that did not exist."""
        missing = min(quantity, self.oversold_by)
        return self._next(Reason.RETURN, cause, on_hand=quantity - missing, oversold_by=-missing)

    def warn_below(self, threshold: Threshold, cause: Cause) -> "Level":
        """Moves no units, so it is no news: only what is available can fall below the threshold."""
        decided = self._next(Reason.THRESHOLD, cause)
        return replace(decided, threshold=threshold.units, threshold_version=threshold.version)

    def _next(
        self, reason: Reason, cause: Cause, *, on_hand: int = 0, held: int = 0, oversold_by: int = 0
    ) -> "Level":
        return replace(
            self,
            on_hand=self.on_hand + on_hand,
            held=self.held + held,
            oversold_by=self.oversold_by + oversold_by,
            reason=reason,
            cause=cause,
            version=self.version + 1,
            on_hand_change=on_hand,
            held_change=held,
            oversold_orders=(),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a level, as it was read and as it is to be."""

    old: Level | None
    new: Level

    @classmethod
    def of(cls, old: Level | None, new: Level) -> "Change":
        """`new` may be several steps further: together they moved what lies between."""
        on_hand, held = (old.on_hand, old.held) if old else (0, 0)
        moved = replace(new, on_hand_change=new.on_hand - on_hand, held_change=new.held - held)
        return cls(old, moved)

    @property
    def oversells(self) -> bool:
        return self.new.oversold_by > (self.old.oversold_by if self.old else 0)
