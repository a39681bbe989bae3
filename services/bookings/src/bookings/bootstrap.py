"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.adapters.step_functions import StepFunctionsSaga, StepFunctionsUndoing, StepFunctionsWaitingSaga
from bookings.domain.refunds import RefundRules
from bookings.ports import Bookings, Flights, Saga, Undoing, WaitingSaga
from jetbridge.runtime import aws, idempotency
from jetbridge.runtime.queues import DeadLetters
from jetbridge.runtime.settings import Settings


class TableSettings(Settings):
    bookings_table_name: str
    flights_table_name: str


class ApiSettings(Settings):
    allow_origin: str
    currency: str


class BookSeatsSettings(ApiSettings):
    default_payment_method: str
    idempotency_hours: int
    idempotency_table_name: str
    saga_arn: str


class UndoingSettings(Settings):
    undoing_arn: str


class CancellationSettings(Settings):
    refund_rules: str


class ConsumerSettings(Settings):
    dead_letters_url: str


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()


@cache
def book_seats_settings() -> BookSeatsSettings:
    return BookSeatsSettings.from_env()


@cache
def flights() -> Flights:
    return DynamoFlights(aws.client("dynamodb"), TableSettings.from_env().flights_table_name)


@cache
def bookings() -> Bookings:
    return DynamoBookings(aws.client("dynamodb"), TableSettings.from_env().bookings_table_name)


@cache
def saga() -> Saga:
    return StepFunctionsSaga(aws.client("stepfunctions"), book_seats_settings().saga_arn)


@cache
def undoing() -> Undoing:
    return StepFunctionsUndoing(aws.client("stepfunctions"), UndoingSettings.from_env().undoing_arn)


@cache
def refund_rules() -> RefundRules:
    return RefundRules.parse(CancellationSettings.from_env().refund_rules)


@cache
def waiting_saga() -> WaitingSaga:
    return StepFunctionsWaitingSaga(aws.client("stepfunctions"))


@cache
def idempotency_records() -> DynamoDBPersistenceLayer:
    return idempotency.store(book_seats_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)
