"""The saga's optional step: an airport transfer from a partner who takes its time to answer."""

from bookings.domain.bookings import Booking, Step
from bookings.domain.transfers import Transfer
from bookings.ports import Bookings, TransferPartner
from bookings.use_cases.saga import Cause, change
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import NotFound

_NAME = "Reserve Transfer"


def ask_transfer(cause: Cause, *, bookings: Bookings, partner: TransferPartner, clock: Clock) -> Transfer:
    """Ask for the transfer, or how it stands. Raises NotFound, BookingIsOver.

    Written down before the partner hears of it: whoever undoes the booking knows that there may be one.
    """

    def note(outcome: str) -> Booking:
        step = Step(_NAME, outcome, clock(), cause.causation_id)
        return change(cause, lambda it: it.ask_transfer(step), bookings=bookings)

    booking = note("asked")
    if booking.pickup is None:
        raise NotFound("This booking wants no transfer.")
    transfer = partner.ask(booking.booking_id, booking.pickup)
    if transfer is not Transfer.PENDING:
        note(transfer)
    return transfer


def cancel_transfer(cause: Cause, *, bookings: Bookings, partner: TransferPartner, clock: Clock) -> None:
    """Cancel what was or may yet be asked for. Raises BookingStands; a booking that is not there has none."""
    booking = bookings.get(cause.booking_id)
    if booking is None:
        return
    step = Step("Cancel Transfer", "done", clock(), cause.causation_id)
    booking.cancel_transfer(step)  # refuses for one that stands, before the partner hears of it
    partner.cancel(booking.booking_id)
    change(cause, lambda it: it.cancel_transfer(step), bookings=bookings)
