"""What is refused of a booking. The state machines know these by their names."""

from jetbridge.kernel.errors import DomainError


class BookingIsOver(DomainError):
    """The booking has failed, was cancelled, or is being undone: what comes now comes too late."""

    code = "booking_is_over"


class BookingStands(DomainError):
    """The booking is confirmed and nobody has cancelled it: what undoes must not touch it."""

    code = "booking_stands"


class BookingUnderWay(DomainError):
    """The booking has not come to its end yet."""

    code = "booking_under_way"


class MoveNotAllowed(DomainError):
    code = "move_not_allowed"


class NotConfirmed(DomainError):
    """Only a confirmed booking can be cancelled."""

    code = "booking_not_confirmed"


class PaymentMissing(DomainError):
    code = "payment_missing"
