"""Changes of the payments table, told as events on the FIFO topic in order per reference."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.contracts.envelope import Amount, Envelope, tell
from jetbridge.contracts.payments import (
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
    PaymentRefunded,
    PaymentVoided,
)
from jetbridge.kernel.money import Money
from jetbridge.runtime.observability import observed
from jetbridge.runtime.streams import Change, note_told, told_of
from payments import bootstrap
from payments.adapters.dynamodb import PaymentRow
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment

type Told = Envelope[PaymentEvent]


def event_of(change: Change) -> Told | None:
    """The event that a change is; nothing for what is only asked for yet."""
    if change.new is None:
        return None
    before = PaymentRow.model_validate(change.old).to_payment() if change.old else None
    payment = PaymentRow.model_validate(change.new).to_payment()
    data = _data(before, payment)
    if data is None:
        return None
    return tell(
        data,
        entity_id=payment.reference,
        version=payment.version,
        occurred_at=payment.changed_at,
        correlation_id=payment.correlation_id,
        causation_id=payment.causation_id,
    )


def _data(before: Payment | None, payment: Payment) -> PaymentEvent | None:
    """Captured is told when the money is there, whether or not it is wanted back already."""
    common = {"reference": payment.reference, "kind": payment.kind}
    if payment.captured and not (before and before.captured):
        return PaymentCaptured.model_validate(common | {"total": _amount(payment, payment.captured)})
    if before and payment.refunded > before.refunded:
        given = _amount(payment, payment.refunded - before.refunded)
        total = _amount(payment, payment.refunded)
        return PaymentRefunded.model_validate(common | {"amount": given, "total": total})
    if before and before.status is payment.status:
        return None
    match payment.status:
        case PaymentStatus.DECLINED:
            return PaymentDeclined.model_validate(common | {"reason": payment.reason})
        case PaymentStatus.VOIDED:
            return PaymentVoided.model_validate(common)
        case _:
            return None


def _amount(payment: Payment, minor: int) -> Amount:
    return Amount.of(Money(minor, payment.amount.currency))


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Answers with the first record that is not told: the stream comes back to it and to all after it."""
    told = told_of(event["Records"], event_of, dead_letters=bootstrap.dead_letters)
    done = bootstrap.events().publish([fact for _, fact in told])
    note_told(fact for _, fact in told[:done])
    untold = [record["dynamodb"]["SequenceNumber"] for record, _ in told[done:]]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in untold[:1]]}
