"""An airport transfer, as its partner tells of it."""

from enum import StrEnum


class Transfer(StrEnum):
    """What the partner answers. Only what is pending can change by itself."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"
