"""What requests have in common, whether they are about one booking or a group of them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from bookings.domain.bookings import MAX_SEATS
from jetbridge.runtime.http import RequestBody

AIRPORT = r"^[A-Z]{3}$"  # its IATA code
Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class SeatsBody(RequestBody):
    """Seats of a flight; without a payment method they are charged to the stage's default."""

    flight_id: Text
    seats: Annotated[int, Field(ge=1, le=MAX_SEATS, strict=True)]
    payment_method: Text | None = None
