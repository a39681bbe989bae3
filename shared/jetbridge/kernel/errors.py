"""The kinds of failure that a domain can name.

    DomainError          a rule said no: answered, stored, never retried
     ├── NotFound         what was asked for does not exist, or is not the caller's
     ├── Forbidden        the caller may not do this
     └── KeyReused        the caller's key for a request was used for another one
    ConcurrentUpdate     someone wrote first: read again and retry

Bad input is pydantic's ValidationError; everything else is a fault, and nobody catches it.
"""

from typing import ClassVar


class DomainError(Exception):
    """A refusal. `code` is stable and public: it stands in API answers, stored reasons and events."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail or self.code


class NotFound(DomainError):
    code = "not_found"


class Forbidden(DomainError):
    code = "forbidden"


class KeyReused(DomainError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class ConcurrentUpdate(Exception):
    """The condition of a write did not hold because someone else wrote since the read."""
