"""The adapters keep the promises of their ports, against mocked AWS."""

import socket
import threading
import time
from dataclasses import replace
from datetime import date, timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from bookings import bootstrap
from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.adapters.step_functions import (
    StepFunctionsSaga,
    StepFunctionsVersions,
    StepFunctionsWaitingSaga,
)
from bookings.domain.bookings import BookingStatus, Step, Unsettled
from bookings.domain.flights import SeatsAreHeld
from bookings.domain.payments import Payment
from bookings.domain.waiting import UNDOING_TIME, pursue
from bookings.ports import Search
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime import aws
from jetbridge.runtime.cursors import InvalidCursor
from tests.fakes.bookings import booking, flight
from tests.fakes.clock import MORNING

STEP = Step("Step", "done", MORNING, "cause-1")


def test_a_booking_comes_back_as_it_was_written(bookings: DynamoBookings) -> None:
    full = booking().reserve(STEP).await_payment("token-1", STEP).hear_payment(Payment.CAPTURED, STEP)
    failed = full.request_refund(STEP).undo("fault", STEP)
    settling = booking(pickup="LHR").settle((Unsettled("Refund Payment", "Lambda.Unknown", MORNING),))
    for number, each in enumerate((booking(), full, failed, settling)):
        written = replace(each, booking_id=f"booking-{number}")
        assert bookings.add(written)
        assert bookings.get(written.booking_id) == written
    assert bookings.get("nobody's") is None


def test_a_booking_is_added_once(bookings: DynamoBookings) -> None:
    assert bookings.add(booking())
    assert not bookings.add(booking(seats=9))
    assert bookings.get("booking-1") == booking()


def test_of_two_who_save_the_same_version_one_is_refused(bookings: DynamoBookings) -> None:
    bookings.add(booking())
    bookings.save(booking().reserve(STEP))
    with pytest.raises(ConcurrentUpdate):
        bookings.save(booking().undo("fault", STEP))
    with pytest.raises(ConcurrentUpdate):
        bookings.save(booking(booking_id="nobody's").reserve(STEP))


def test_a_customers_bookings_come_newest_first_and_a_page_at_a_time(bookings: DynamoBookings) -> None:
    for number in range(5):
        made = booking(booking_id=f"booking-{number}", created_at=MORNING + timedelta(seconds=number))
        bookings.add(made)
    bookings.add(booking(booking_id="other", customer_id="customer-2"))
    seen, cursor = [], None
    while True:
        page = bookings.of_customer("customer-1", limit=2, cursor=cursor)
        seen += [it.booking_id for it in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [f"booking-{number}" for number in (4, 3, 2, 1, 0)]


def test_bookings_that_wait_are_found_the_longest_waiting_first(bookings: DynamoBookings) -> None:
    minute = timedelta(minutes=1)
    bookings.add(booking(booking_id="begun").reserve(STEP))
    for number in (2, 0, 1, 3):
        bookings.add(booking(booking_id=f"booking-{number}", created_at=MORNING + number * minute))
    assert [*bookings.waiting(before=MORNING + 3 * minute)] == ["booking-0", "booking-1", "booking-2"]
    again = pursue(booking(booking_id="booking-0"), MORNING + 9 * minute)
    bookings.save(again)
    assert bookings.get("booking-0") == again
    assert [*bookings.waiting(before=MORNING + 3 * minute)] == ["booking-1", "booking-2"]
    bookings.save(again.reserve(STEP))
    assert "booking-0" not in [*bookings.waiting(before=MORNING + 99 * minute)]


def test_a_booking_given_back_waits_until_its_undoing_has_ended(bookings: DynamoBookings) -> None:
    confirmed = booking(status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED)
    bookings.add(confirmed)
    assert [*bookings.waiting(before=MORNING + timedelta(days=1))] == []
    given_back = confirmed.ask_cancellation(confirmed.total, STEP)
    bookings.save(given_back)
    assert [*bookings.waiting(before=STEP.at)] == []
    assert [*bookings.waiting(before=STEP.at + timedelta(seconds=1))] == ["booking-1"]
    undone = given_back.undo("cancelled", STEP)
    bookings.save(undone)
    assert [*bookings.waiting(before=STEP.at + UNDOING_TIME)] == []
    assert [*bookings.waiting(before=STEP.at + timedelta(days=1))] == ["booking-1"]
    bookings.save(undone.settle(()))
    assert [*bookings.waiting(before=STEP.at + timedelta(days=1))] == []


def test_a_cursor_that_no_page_gave_is_refused(bookings: DynamoBookings, flights: DynamoFlights) -> None:
    for cursor in ("rubbish", "bm8="):
        with pytest.raises(InvalidCursor):
            bookings.of_customer("customer-1", limit=1, cursor=cursor)
        with pytest.raises(InvalidCursor):
            flights.search(Search("LHR", "JFK"), limit=1, cursor=cursor)


def test_a_cursor_never_leads_into_somebody_elses_list(bookings: DynamoBookings) -> None:
    for number in range(3):
        bookings.add(booking(booking_id=f"booking-{number}"))
    cursor = bookings.of_customer("customer-1", limit=1, cursor=None).cursor
    try:
        page = bookings.of_customer("customer-2", limit=10, cursor=cursor)
    except InvalidCursor:  # so AWS; moto takes it, and finds nothing
        return
    assert page.items == ()


def test_a_flight_comes_back_as_it_was_written(flights: DynamoFlights) -> None:
    flights.add(flight())
    assert flights.get("JB101") == flight()
    assert flights.get("JB404") is None
    with pytest.raises(ConcurrentUpdate):
        flights.add(flight(seat_capacity=1))


def test_a_flight_changes_at_the_version_that_was_seen_only(flights: DynamoFlights) -> None:
    flights.add(flight())
    bigger = flight(seat_capacity=120, version=2)
    assert flights.change(flight(), bigger) == replace(bigger, seats_available=120)
    with pytest.raises(ConcurrentUpdate):
        flights.change(flight(), bigger)
    with pytest.raises(ConcurrentUpdate):
        flights.change(flight(flight_id="JB404"), bigger)


def test_a_flights_capacity_stays_above_what_is_held(flights: DynamoFlights) -> None:
    flights.add(flight(seat_capacity=10, seats_available=4))
    with pytest.raises(SeatsAreHeld):
        flights.change(flight(seat_capacity=10), flight(seat_capacity=5, version=2))
    assert flights.change(flight(seat_capacity=10), flight(seat_capacity=6, version=2)).seats_available == 0


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), {"A", "B", "C", "D"}),
        (Search("LHR", "JFK"), {"A", "B"}),
        (Search("LHR", "JFK", date(2026, 11, 22)), {"B"}),
        (Search(origin="LHR"), {"A", "B", "C"}),
        (Search(origin="LHR", day=date(2026, 11, 21)), {"A", "C"}),
        (Search(day=date(2026, 11, 22)), {"B"}),
        (Search(destination="JFK"), {"A", "B", "D"}),
        (Search(destination="JFK", day=date(2026, 11, 21)), {"A", "D"}),
        (Search("JFK", "LHR"), set()),
    ],
)
def test_flights_are_found_by_route_and_day(flights: DynamoFlights, search: Search, found: set[str]) -> None:
    flights.add(flight(flight_id="A", departs_at=MORNING))
    flights.add(flight(flight_id="B", departs_at=MORNING + timedelta(days=1)))
    flights.add(flight(flight_id="C", departs_at=MORNING, destination="ZRH"))
    flights.add(flight(flight_id="D", departs_at=MORNING, origin="ZRH"))
    assert {it.flight_id for it in flights.search(search, limit=100, cursor=None).items} == found


def test_a_saga_is_started_once_with_what_it_needs() -> None:
    client = boto3.client("stepfunctions")
    arn = client.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    saga = StepFunctionsSaga(client, arn)
    saga.start(booking())
    saga.start(booking(seats=3))  # moto refuses a name that was used, as AWS does for another input
    [execution] = client.list_executions(stateMachineArn=arn)["executions"]
    assert execution["name"] == "booking-1"
    told = client.describe_execution(executionArn=execution["executionArn"])["input"]
    assert told == (
        '{"booking_id": "booking-1", "flight_id": "JB101", "seats": 2, "correlation_id": "correlation-1"}'
    )


@pytest.mark.parametrize("gone", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
def test_a_token_under_which_nothing_waits_is_no_fault(gone: str) -> None:
    client = boto3.client("stepfunctions")  # moto knows no tokens, so what AWS answers is put in its mouth
    with Stubber(client) as aws:
        aws.add_client_error("send_task_success", gone)
        aws.add_client_error("send_task_failure", gone)
        assert not StepFunctionsWaitingSaga(client).resume("token-1")
        assert not StepFunctionsWaitingSaga(client).decline("token-1", "declined")


def test_a_fault_of_step_functions_is_one_of_ours() -> None:
    client = boto3.client("stepfunctions")
    with Stubber(client) as aws:
        aws.add_client_error("send_task_success", "InternalServerError")
        with pytest.raises(ClientError):
            StepFunctionsWaitingSaga(client).resume("token-1")


def test_a_declined_payment_is_told_by_the_name_that_the_state_machine_catches() -> None:
    client = boto3.client("stepfunctions")
    sent = {"taskToken": "token-1", "error": "PaymentDeclined", "cause": "declined: insufficient_funds"}
    with Stubber(client) as aws:
        aws.add_response("send_task_failure", {}, sent)
        assert StepFunctionsWaitingSaga(client).decline("token-1", "declined: insufficient_funds")


def test_of_many_who_add_a_booking_at_once_one_does(bookings: DynamoBookings) -> None:
    added: list[bool] = []
    threads = [threading.Thread(target=lambda: added.append(bookings.add(booking()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("told", "version"),
    [({"stateMachineVersionArn": "arn:aws:states:eu-west-1:1:stateMachine:saga:12"}, 12), ({}, None)],
)
def test_the_version_of_an_execution_is_told(told: dict[str, str], version: int | None) -> None:
    client = boto3.client("stepfunctions")
    answer = {"executionArn": "e", "stateMachineArn": "m", "status": "RUNNING", "startDate": MORNING}
    with Stubber(client) as stub:
        stub.add_response("describe_execution", answer | told)
        assert StepFunctionsVersions(client).of("execution") == version


def test_a_booking_is_not_refused_for_want_of_its_version() -> None:
    client = boto3.client("stepfunctions")
    with Stubber(client) as stub:
        for code in (
            "ThrottlingException",
            "ExecutionDoesNotExist",
            "AccessDeniedException",
            "InternalFailure",
        ):
            stub.add_client_error("describe_execution", code)
            assert StepFunctionsVersions(client).of("execution") is None
    unreachable = boto3.client(
        "stepfunctions", endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1})
    )
    assert StepFunctionsVersions(unreachable).of("execution") is None


def test_a_version_that_nobody_tells_does_not_use_up_the_time_of_the_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reserve Booking has 5 s, and then still reads and writes the booking."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        aws._client.cache_clear()
        bootstrap.versions.cache_clear()
        began = time.monotonic()
        assert bootstrap.versions().of("execution") is None
    assert time.monotonic() - began < 3
    aws._client.cache_clear()
    bootstrap.versions.cache_clear()
