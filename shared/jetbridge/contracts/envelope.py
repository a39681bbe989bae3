"""The envelope of every event: `{"metadata": {...}, "data": {...}}`.

On the bus it is the `detail`, on the FIFO topic the message body. Readers ignore what they do not know.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, SerializeAsAny, StringConstraints, field_serializer

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.ids import event_id
from jetbridge.kernel.money import Money

Id = Annotated[str, StringConstraints(min_length=1, max_length=256)]
DecimalText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]  # ISO 4217


class Contract(BaseModel):
    """Frozen; unknown fields are ignored, since an addition keeps the major version.

    Faults are told without the values, which may be personal and would reach the logs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class EventData(Contract):
    """The facts of one event. `source` is the producer's; the class name is the detail-type."""

    source: ClassVar[str]
    version: ClassVar[str] = "1.0"


class Amount(Contract):
    """`{"amount": "50.25", "currency": "USD"}`."""

    amount: DecimalText
    currency: Currency

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(amount=money.amount, currency=money.currency)

    def to_money(self) -> Money:
        return Money.parse(self.amount, self.currency)


class Metadata(Contract):
    """`event_id` is made from source, entity and version; `causation_id` is what led here."""

    event_id: Id
    type: Id
    version: Id = "1.0"
    occurred_at: AwareDatetime
    correlation_id: Id
    causation_id: Id

    @field_serializer("occurred_at")
    def _as_utc(self, moment: datetime) -> str:
        return to_iso(moment)


class Envelope[Data: EventData](Contract):
    metadata: Metadata
    data: SerializeAsAny[Data]

    def to_wire(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


def tell[Data: EventData](
    data: Data,
    *,
    entity_id: str,
    version: int,
    occurred_at: datetime,
    correlation_id: str,
    causation_id: str,
) -> Envelope[Data]:
    """The event that the change of `entity_id` to `version` is. Told twice, it is the same event."""
    return Envelope(
        metadata=Metadata(
            event_id=event_id(data.source, entity_id, version),
            type=type(data).__name__,
            version=data.version,
            occurred_at=occurred_at,
            correlation_id=correlation_id,
            causation_id=causation_id,
        ),
        data=data,
    )
