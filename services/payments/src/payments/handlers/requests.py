"""What both queues hold: `{"orderId", "userId", "amount"}`, made by rules, or sent by hand with no more."""

from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AliasPath, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from jetbridge.contracts.envelope import Amount, Currency, DecimalText, Id
from jetbridge.contracts.payments import PaymentKind
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money
from jetbridge.runtime.observability import correlate, count, logger
from jetbridge.runtime.queues import Unreadable, consume, read_body
from payments import bootstrap
from payments.domain.payments import Payment, PaymentRequest
from payments.domain.refusals import AmountDiffers, RefundTooLarge
from payments.ports import ProviderUnavailable

# Two messages contradict each other: that is never right, and nobody else would see it.
_FOR_PEOPLE = (AmountDiffers, RefundTooLarge)

type Act = Callable[[PaymentRequest], Payment]


class RequestBody(BaseModel):
    """`orderId` is the reference: for a booking, the booking's id. `amount` is a decimal string, above zero.

    What is left out has the stage's default. Unknown fields are ignored. `refund` is a part of the amount
    that goes back, as `event` says it, the data of the event that asks; without it all goes back.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    order_id: Id
    user_id: Id
    amount: DecimalText
    currency: Currency | None = None
    kind: PaymentKind = PaymentKind.ORDER
    payment_method: Id | None = None
    correlation_id: Id | None = None
    causation_id: Id | None = None
    refund: Annotated[Amount | None, Field(validation_alias=AliasPath("event", "refund"))] = None


def consume_requests(event: dict[str, Any], context: LambdaContext, act: Act) -> dict[str, Any]:
    """Do `act` for each message. A refusal ends a message; a fault sends it back to come again later.

    While the provider is left alone a message is sent anew: that is no attempt of it.
    """

    def on_message(record: SQSRecord) -> None:
        request = _request_of(read_body(RequestBody, record.body), record.message_id)
        correlate(request.correlation_id)
        try:
            payment = act(request)
        except ProviderUnavailable as unavailable:
            bootstrap.redelivery().send_again(record, unavailable.retry_in)
            logger.warning("held back", reference=request.reference, seconds=unavailable.retry_in)
        except DomainError as refusal:
            count(type(refusal).__name__)
            logger.warning("refused", reference=request.reference, code=refusal.code)
            if isinstance(refusal, _FOR_PEOPLE):
                bootstrap.dead_letters().bury(record, refusal.code)
        else:
            logger.info("settled", reference=payment.reference, status=payment.status)

    return consume(
        event,
        context,
        on_message,
        dead_letters=bootstrap.dead_letters(),
        redelivery=bootstrap.redelivery(),
    )


def _request_of(body: RequestBody, message_id: str) -> PaymentRequest:
    """A message sent by hand begins a transaction of its own, named by the message."""
    settings = bootstrap.consumer_settings()
    return PaymentRequest(
        reference=body.order_id,
        kind=body.kind,
        customer_id=body.user_id,
        amount=_more_than_nothing("/amount", body.amount, body.currency or settings.currency),
        payment_method=body.payment_method or settings.default_payment_method,
        correlation_id=body.correlation_id or message_id,
        causation_id=body.causation_id or message_id,
        part=_part_of(body),
    )


def _part_of(body: RequestBody) -> Money | None:
    """A part needs a name of its own: a message has another id when it comes back from the dead letters."""
    if body.refund is None:
        return None
    if body.causation_id is None:
        raise Unreadable(["/causationId: a refund of a part must say which one it is"])
    return _more_than_nothing("/event/refund/amount", body.refund.amount, body.refund.currency)


def _more_than_nothing(place: str, text: str, currency: str) -> Money:
    try:
        amount = Money.parse(text, currency)
    except DomainError as refusal:
        raise Unreadable([f"{place}: {refusal.detail}"]) from None
    if amount.minor <= 0:
        raise Unreadable([f"{place}: must be more than nothing"])
    return amount
