"""One request, one effect, one answer: the Idempotency-Key header, stored and locked by Powertools.

After the IETF draft "The Idempotency-Key HTTP Header Field": no key 400, in progress 409, other request 422.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.errors import DomainError, KeyReused
from jetbridge.runtime.problems import problem, refused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REPLAYED = "Idempotency-Replayed"
_MAX_KEY = 255


class IdempotencyKeyMissing(DomainError):
    code = "idempotency_key_missing"


class IdempotencyKeyInvalid(DomainError):
    code = "idempotency_key_invalid"


KEY_STATUSES = {
    IdempotencyKeyMissing: HTTPStatus.BAD_REQUEST,
    IdempotencyKeyInvalid: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True, slots=True)
class Request:
    """`key` belongs to `caller`, for `what` is asked for, in whichever function.

    `fingerprint` is what counts: the same key with another one is refused.
    """

    what: str
    caller: str
    key: str
    fingerprint: dict[str, Any]


def key_of(header: str | None, token: str | None = None) -> str:
    """The client's key: from the header, or from the body's token. If both are there they must be equal.

    The draft's quoted form (`"abc"`) is the same key as `abc`.
    """
    given = (header or "").strip()
    if len(given) > 1 and given[0] == given[-1] == '"':
        given = given[1:-1]
    if given and token and given != token:
        raise IdempotencyKeyInvalid("Idempotency-Key and requestToken are different")
    key = given or token
    if not key:
        raise IdempotencyKeyMissing("Send the header Idempotency-Key, unique for each new request")
    if len(key) > _MAX_KEY or not key.isprintable():
        raise IdempotencyKeyInvalid(f"The key must be printable and at most {_MAX_KEY} characters")
    return key


def store(table_name: str, dynamodb: "DynamoDBClient") -> DynamoDBPersistenceLayer:
    """The records' table, on the function's own client: a second one would cost 60 ms of init."""
    return DynamoDBPersistenceLayer(table_name=table_name, boto3_client=dynamodb)


def once(
    request: Request,
    answer: Callable[[], Response[str]],
    *,
    records: DynamoDBPersistenceLayer,
    keep_seconds: int,
    context: LambdaContext,
) -> Response[str]:
    """Answer the request, or give the first answer again, byte for byte, marked as replayed.

    The lock ends when the invocation that holds it would have timed out. A fault leaves no record.
    Raises Powertools' IdempotencyAlreadyInProgressError and IdempotencyValidationError (another request).
    """
    config = _config(keep_seconds, context)

    @idempotent_function(
        data_keyword_argument="asked", persistence_store=records, config=config, key_prefix=request.what
    )
    def first_time(*, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
        first = answer()
        return {"status": first.status_code, "headers": first.headers, "body": first.body}

    told = first_time(asked={"key": [request.caller, request.key], "fingerprint": request.fingerprint})
    headers = told["headers"] | ({REPLAYED: "true"} if told.get("replayed") else {})
    return Response(told["status"], body=told["body"], headers=headers)


def _config(keep_seconds: int, context: LambdaContext) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="fingerprint",
        expires_after_seconds=keep_seconds,
        hash_function="sha256",
        lambda_context=context,
        response_hook=lambda stored, _: {**stored, "replayed": True},
    )


def answer_once(
    request: Request,
    answer: Callable[[], Response[str]],
    *,
    records: DynamoDBPersistenceLayer,
    keep_seconds: int,
    context: LambdaContext,
) -> Response[str]:
    """As `once`, with a problem as the answer where it raises."""
    try:
        return once(request, answer, records=records, keep_seconds=keep_seconds, context=context)
    except IdempotencyAlreadyInProgressError:
        detail = "The first request with this key is still running."
        return problem(HTTPStatus.CONFLICT, "request_in_progress", detail)
    except IdempotencyValidationError:
        return refused(KeyReused())


def or_refused(
    answer: Callable[[], Response[str]], told: Callable[[DomainError], Response[str]] = refused
) -> Callable[[], Response[str]]:
    """`answer`, with a refusal as an answer too, to be given again.

    A key that is another request's is raised on: it keeps its own answer.
    """

    def asked() -> Response[str]:
        try:
            return answer()
        except KeyReused:
            raise
        except DomainError as refusal:
            return told(refusal)

    return asked
