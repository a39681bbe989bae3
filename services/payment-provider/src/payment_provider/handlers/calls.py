"""GET /calls: every call that was received, for operators and tests."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import field_serializer

from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from payment_provider import bootstrap
from payment_provider.domain.cards import LONGEST_VALUE, Call, Outcome

app = api()


class CallView(Body):
    """`amount` is a decimal string; what the call did not say is left out."""

    time: datetime
    method: str
    path: str
    idempotency_key: str | None
    reference: str | None
    amount: str | None
    currency: str | None
    outcome: Outcome

    @field_serializer("time")
    def _as_utc(self, moment: datetime) -> str:
        return to_iso(moment)


class CallsView(Body):
    calls: list[CallView]


@app.get("/calls", responses=answers(HTTPStatus.OK, CallsView))
def get_calls(reference: Annotated[str | None, Query(max_length=LONGEST_VALUE)] = None) -> Response[str]:
    calls = bootstrap.ledger().calls(reference)
    return answer(HTTPStatus.OK, CallsView(calls=[_view(call) for call in calls]))


def _view(call: Call) -> CallView:
    return CallView(
        time=call.at,
        method=call.method,
        path=call.path,
        idempotency_key=call.idempotency_key,
        reference=call.reference,
        amount=call.amount.amount if call.amount else None,
        currency=call.amount.currency if call.amount else None,
        outcome=call.outcome,
    )


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
