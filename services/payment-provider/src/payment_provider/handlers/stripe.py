"""One call in Stripe's manner: secret, form, idempotency key; every call is logged with what became of it."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.ids import random_id
from jetbridge.kernel.money import Money
from jetbridge.runtime.idempotency import REPLAYED, Request, once
from jetbridge.runtime.observability import logger
from payment_provider import bootstrap
from payment_provider.domain.cards import (
    LONGEST_VALUE,
    Broken,
    Call,
    InvalidRequest,
    NoAnswer,
    Outcome,
)
from payment_provider.handlers.shapes import failure, invalid

_AMOUNT_DIGITS = 15  # an amount with more is not logged; no currency has so much money
_KEEP_SECONDS = 24 * 3600  # as long as Stripe does at least

type Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """`key` is the client's idempotency key, or one of ours if it sent none."""

    call: Call
    key: str
    fields: Fields

    @property
    def metadata(self) -> dict[str, str]:
        return {
            name.removeprefix("metadata[").removesuffix("]"): value
            for name, value in self.fields.items()
            if name.startswith("metadata[")
        }


type Act = Callable[[Asked], Response[str]]


def serve(event: dict[str, Any], context: LambdaContext, act: Act) -> dict[str, Any]:
    """Answer one call. What `act` carries out it logs itself; every other call is logged here.

    A POST is done once for its idempotency key; other methods may be repeated as they are.
    """
    asked = _asked(APIGatewayProxyEvent(event))
    if _authorized(APIGatewayProxyEvent(event)):
        answer, outcome = _answer(asked, context, act)
    else:
        message = "Invalid API Key provided."
        answer = failure(HTTPStatus.UNAUTHORIZED, "invalid_request_error", message)
        outcome = Outcome.UNAUTHORIZED
    if outcome:
        bootstrap.ledger().log(asked.call.ended(outcome))
    return {"statusCode": answer.status_code, "headers": answer.headers, "body": answer.body}


def _asked(request: APIGatewayProxyEvent) -> Asked:
    given = request.headers.get("Idempotency-Key")
    fields = dict(parse_qsl(request.decoded_body)) if request.body else dict(request.query_string_parameters)
    call = Call(
        at=utc_now(),
        method=request.http_method,
        path=request.path,
        idempotency_key=given,
        reference=fields.get("metadata[reference]", "")[:LONGEST_VALUE] or None,
        amount=_amount(fields),
    )
    return Asked(call, given or random_id(), fields)


def _amount(fields: Fields) -> Money | None:
    """For the log, as far as it was said; a refund's currency is that of its charge."""
    minor, currency = fields.get("amount", ""), fields.get("currency", "")
    sane = minor.isascii() and minor.isdecimal() and len(minor) <= _AMOUNT_DIGITS
    return Money(int(minor), currency.upper()) if sane and currency else None


def _authorized(request: APIGatewayProxyEvent) -> bool:
    """A secret that does not fit is compared once more with a fresh one: it may have been rotated."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    secret = bootstrap.secret()
    known = (secret.value, secret.fetched_again)
    return any(hmac.compare_digest(given, value().encode()) for value in known)


def _answer(asked: Asked, context: LambdaContext, act: Act) -> tuple[Response[str], Outcome | None]:
    method = asked.call.method
    try:
        return _once(asked, context, act) if method == "POST" else (act(asked), None)
    except InvalidRequest as refusal:
        status = HTTPStatus.NOT_FOUND if method == "GET" else HTTPStatus.BAD_REQUEST
        return invalid(refusal, status), Outcome.INVALID
    except IdempotencyAlreadyInProgressError:
        message = "There is currently another in-progress request using this Idempotency Key."
        return failure(HTTPStatus.CONFLICT, "idempotency_error", message), Outcome.IN_FLIGHT
    except IdempotencyValidationError:
        message = (
            "Keys for idempotent requests can only be used with the parameters they were first used with."
        )
        return failure(HTTPStatus.BAD_REQUEST, "idempotency_error", message), Outcome.KEY_REUSED
    except NoAnswer:
        return Response(int(HTTPStatus.BAD_GATEWAY), "text/html", ""), None
    except Exception as fault:
        if not isinstance(fault, Broken):
            logger.exception("call failed")
        message = "Sorry, something went wrong on our end."
        return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "api_error", message), Outcome.ERROR


def _once(asked: Asked, context: LambdaContext, act: Act) -> tuple[Response[str], Outcome | None]:
    answer = once(
        Request("call", "client", asked.key, dict(asked.fields)),
        lambda: act(asked),
        records=bootstrap.idempotency_records(),
        keep_seconds=_KEEP_SECONDS,
        context=context,
    )
    if REPLAYED not in answer.headers:
        return answer, None
    told = {name: value for name, value in answer.headers.items() if name != REPLAYED}
    return (
        Response(answer.status_code, body=answer.body, headers=told | {"Idempotent-Replayed": "true"}),
        Outcome.REPLAYED,
    )
