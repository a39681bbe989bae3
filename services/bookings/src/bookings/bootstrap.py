"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache
from typing import TYPE_CHECKING

from bookings.adapters import step_functions
from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.adapters.groups import DynamoGroups
from bookings.adapters.transfers import HttpTransferPartner
from bookings.domain.refunds import RefundRules
from bookings.ports import (
    Bookings,
    Flights,
    Groups,
    GroupSaga,
    Saga,
    TransferPartner,
    Undoing,
    Versions,
    WaitingSaga,
)
from bookings.settings import (
    ApiSettings,
    BookingSettings,
    CancellationSettings,
    ConsumerSettings,
    GroupSagaSettings,
    GroupSettings,
    PendingSettings,
    SagaSettings,
    TableSettings,
    TransferSettings,
    UndoingSettings,
)
from jetbridge.runtime import aws
from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import secret_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from jetbridge.runtime.queues import DeadLetters

_PARTNER_SECONDS = 3  # to connect, and again to answer: the functions that ask have 10


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()


@cache
def booking_settings() -> BookingSettings:
    return BookingSettings.from_env()


@cache
def flights() -> Flights:
    return DynamoFlights(aws.client("dynamodb"), TableSettings.from_env().flights_table_name)


@cache
def bookings() -> Bookings:
    return DynamoBookings(aws.client("dynamodb"), TableSettings.from_env().bookings_table_name)


@cache
def groups() -> Groups:
    settings = GroupSettings.from_env()
    return DynamoGroups(aws.client("dynamodb"), settings.groups_table_name, settings.bookings_table_name)


@cache
def group_saga() -> GroupSaga:
    return step_functions.StepFunctionsGroupSaga(
        aws.client("stepfunctions"), GroupSagaSettings.from_env().group_saga_arn
    )


@cache
def saga() -> Saga:
    return step_functions.StepFunctionsSaga(aws.client("stepfunctions"), SagaSettings.from_env().saga_arn)


@cache
def undoing() -> Undoing:
    return step_functions.StepFunctionsUndoing(
        aws.client("stepfunctions"), UndoingSettings.from_env().undoing_arn
    )


@cache
def versions() -> Versions:
    """Asked by a step that has 5 s, and must not fail for want of an answer."""
    return step_functions.StepFunctionsVersions(aws.client("stepfunctions", brief=True))


@cache
def refund_rules() -> RefundRules:
    return RefundRules.parse(CancellationSettings.from_env().refund_rules)


@cache
def pending_settings() -> PendingSettings:
    return PendingSettings.from_env()


@cache
def transfer_partner() -> TransferPartner:
    settings = TransferSettings.from_env()
    secret = secret_of(settings.transfer_secret_arn, aws.client("secretsmanager"))
    connections = pool(_PARTNER_SECONDS, _PARTNER_SECONDS)
    return HttpTransferPartner(connections, settings.transfer_partner_url, secret)


@cache
def waiting_saga() -> WaitingSaga:
    return step_functions.StepFunctionsWaitingSaga(aws.client("stepfunctions"))


@cache
def idempotency_records() -> "DynamoDBPersistenceLayer":
    from jetbridge.runtime import idempotency

    return idempotency.store(booking_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def dead_letters() -> "DeadLetters":
    from jetbridge.runtime.queues import DeadLetters

    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)
