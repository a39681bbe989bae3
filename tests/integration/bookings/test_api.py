"""The routes of bookings: a request in, the answer and the tables out."""

import json
import os
from http import HTTPStatus
from typing import Any

import boto3
import pytest

from bookings import bootstrap
from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.domain.bookings import Step
from bookings.handlers import book_seats, get_bookings, get_flights, put_flight
from jetbridge.kernel.ids import stable_id
from jetbridge.runtime.observability import Handler
from tests.fakes.bookings import FakeSaga, Fault, booking, flight
from tests.fakes.clock import MORNING
from tests.lambda_events import CUSTOMER, OPERATOR, OTHER_CUSTOMER, api_request, context

FLIGHT = {
    "origin": "LHR",
    "destination": "JFK",
    "departsAt": "2036-11-21T10:30:00+01:00",
    "seatCapacity": 100,
    "price": "50.25",
}
WISH = {"flightId": "JB101", "seats": 2}


def ask(handler: Handler, request: dict[str, Any]) -> tuple[HTTPStatus, Any]:
    answer = handler(request, context())
    return HTTPStatus(answer["statusCode"]), json.loads(answer["body"])


def put(
    body: object = FLIGHT, *, groups: str = "operators", flight_id: str = "JB101"
) -> tuple[HTTPStatus, Any]:
    request = api_request("PUT", f"/flights/{flight_id}", body, subject=OPERATOR, groups=groups)
    return ask(put_flight.handler, request)


def post_request(
    body: object = WISH, *, key: str | None = "key-1", subject: str = CUSTOMER
) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    return api_request("POST", "/bookings", body, headers=headers, subject=subject)


def post(body: object = WISH, **request: Any) -> tuple[HTTPStatus, Any]:
    return ask(book_seats.handler, post_request(body, **request))


def look(
    path: str, query: dict[str, str] | None = None, *, subject: str = CUSTOMER
) -> tuple[HTTPStatus, Any]:
    return ask(get_bookings.handler, api_request("GET", path, query=query, subject=subject))


def look_at_flights(path: str, **query: str) -> tuple[HTTPStatus, Any]:
    return ask(get_flights.handler, api_request("GET", path, query=query, subject=None))


def executions() -> list[str]:
    client = boto3.client("stepfunctions")
    arn = os.environ["SAGA_ARN"]
    return [each["name"] for each in client.list_executions(stateMachineArn=arn)["executions"]]


def test_an_operator_puts_a_flight_and_everybody_sees_it() -> None:
    status, shown = put()
    assert status == HTTPStatus.OK
    assert shown == {
        "flightId": "JB101",
        "origin": "LHR",
        "destination": "JFK",
        "departsAt": "2036-11-21T09:30:00Z",
        "seatCapacity": 100,
        "seatsAvailable": 100,
        "price": {"amount": "50.25", "currency": "USD"},
        "version": 1,
    }
    assert look_at_flights("/flights/JB101") == (HTTPStatus.OK, shown)
    day = {"origin": "LHR", "destination": "JFK", "date": "2036-11-21"}
    assert look_at_flights("/flights", **day) == (HTTPStatus.OK, {"flights": [shown]})


@pytest.mark.parametrize("airport", ["", "lhr", "London", "LHR-JFK"])
def test_flights_are_searched_by_airports_only(flights: DynamoFlights, airport: str) -> None:
    flights.add(flight())
    for name in ("origin", "destination"):
        status, body = look_at_flights("/flights", **{name: airport})
        assert (status, body["errors"][0]["pointer"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, f"/query/{name}")


@pytest.mark.parametrize("day", ["0", "86400", "2036-11-21T00:00:00Z", "20361121", "2036-11-31", ""])
def test_flights_are_searched_by_days_only(flights: DynamoFlights, day: str) -> None:
    flights.add(flight())
    status, body = look_at_flights("/flights", date=day)
    assert (status, body["errors"][0]["pointer"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "/query/date")


def test_a_customer_cannot_put_a_flight(flights: DynamoFlights) -> None:
    status, problem = put(groups="")
    assert (status, problem["code"]) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert flights.get("JB101") is None


def test_a_flight_is_changed_by_who_has_seen_it() -> None:
    put()
    assert put(FLIGHT | {"price": 60})[0] == HTTPStatus.CONFLICT
    status, shown = put(FLIGHT | {"price": 60, "version": 1})
    assert (status, shown["version"], shown["price"]["amount"]) == (HTTPStatus.OK, 2, "60.00")


def test_a_capacity_below_what_is_held_is_refused(flights: DynamoFlights) -> None:
    flights.add(flight(seat_capacity=100, seats_available=10))
    status, problem = put(FLIGHT | {"seatCapacity": 89, "version": 1})
    assert (status, problem["code"]) == (HTTPStatus.CONFLICT, "seats_are_held")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"origin": "London"}, "/origin"),
        ({"departsAt": "2036-11-21T10:30:00"}, "/departsAt"),
        ({"destination": "LHR"}, "/destination"),
        ({"departsAt": 2110786200}, "/departsAt"),
        ({"departsAt": "2110786200"}, "/departsAt"),
        ({"departsAt": "9999-12-31T23:59:59-12:00"}, "/departsAt"),
        ({"departsAt": "0001-01-01T00:00:00+14:00"}, "/departsAt"),
        ({"seatCapacity": 0}, "/seatCapacity"),
        ({"price": "0"}, "/price"),
        ({"price": "-1"}, "/price"),
        ({"colour": "blue"}, "/colour"),
    ],
)
def test_a_flight_that_makes_no_sense_is_refused(change: dict[str, Any], pointer: str) -> None:
    status, problem = put(FLIGHT | change)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


def test_a_price_with_too_many_digits_is_refused() -> None:
    status, problem = put(FLIGHT | {"price": "50.255"})
    assert (status, problem["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_amount")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/price"]


def test_an_unknown_flight_is_not_found() -> None:
    status, problem = look_at_flights("/flights/JB404")
    assert (status, problem["code"]) == (HTTPStatus.NOT_FOUND, "flight_not_found")


def test_a_booking_is_stored_its_saga_started_and_the_passenger_told_where_to_look(
    bookings: DynamoBookings,
) -> None:
    put()
    booking_id = stable_id("booking", CUSTOMER, "key-1")
    answer = book_seats.handler(post_request(), context())
    path = f"/bookings/{booking_id}"
    assert answer["statusCode"] == HTTPStatus.ACCEPTED
    assert answer["multiValueHeaders"]["Location"] == [path.removeprefix("/")]
    told = {"bookingId": booking_id, "status": "PENDING", "links": {"self": path}}
    assert json.loads(answer["body"]) == told
    stored = bookings.get(booking_id)
    assert stored is not None
    assert (stored.customer_id, stored.total.amount, stored.seats) == (CUSTOMER, "100.50", 2)
    assert executions() == [booking_id]


def test_the_same_request_gets_the_same_answer_and_no_second_booking() -> None:
    put()
    first = book_seats.handler(post_request(), context())
    again = book_seats.handler(post_request(), context())
    assert again["body"] == first["body"]
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    assert len(executions()) == 1


def test_the_same_key_for_another_request_is_refused() -> None:
    put()
    post()
    status, problem = post(WISH | {"seats": 3})
    assert (status, problem["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")


def test_a_key_is_the_first_requests_even_when_its_record_has_gone() -> None:
    put()
    post()
    dynamodb = boto3.client("dynamodb")
    [record] = dynamodb.scan(TableName="IdempotencyTable")["Items"]
    dynamodb.delete_item(TableName="IdempotencyTable", Key={"id": record["id"]})
    status, problem = post(WISH | {"seats": 3})
    assert (status, problem["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
    assert post()[0] == HTTPStatus.ACCEPTED
    assert len(executions()) == 1


def test_a_refusal_is_the_answer_again_even_after_its_cause_has_gone() -> None:
    assert post()[0] == HTTPStatus.NOT_FOUND
    put()
    assert post()[0] == HTTPStatus.NOT_FOUND
    assert post(key="key-2")[0] == HTTPStatus.ACCEPTED


def test_a_saga_that_did_not_start_is_started_by_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    saga = FakeSaga(faults=1)
    monkeypatch.setattr(bootstrap, "saga", lambda: saga)
    status, problem = post()
    assert (status, problem["code"]) == (HTTPStatus.INTERNAL_SERVER_ERROR, "fault")
    assert Fault("throttled").args[0] not in json.dumps(problem)
    assert post()[0] == HTTPStatus.ACCEPTED
    assert len(saga.started) == 1


@pytest.mark.parametrize("seats", [0, 10, -1, "2", 1.5, None])
def test_no_or_too_many_seats_are_refused(seats: object) -> None:
    put()
    status, problem = post({"flightId": "JB101", "seats": seats})
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in problem["errors"]] == ["/seats"]


def test_a_request_without_a_key_is_refused() -> None:
    status, problem = post(key=None)
    assert (status, problem["code"]) == (HTTPStatus.BAD_REQUEST, "idempotency_key_missing")


def test_a_departed_flight_is_refused() -> None:
    put(FLIGHT | {"departsAt": "2020-01-01T00:00:00Z"})
    status, problem = post()
    assert (status, problem["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "flight_departed")


def test_a_booking_shows_its_steps_to_its_passenger_and_to_nobody_else(bookings: DynamoBookings) -> None:
    step = Step("Cancel Booking", "no_seats", MORNING, "cause-1")
    bookings.add(booking(customer_id=CUSTOMER).undo("no_seats", step))
    status, shown = look("/bookings/booking-1")
    assert status == HTTPStatus.OK
    assert shown == {
        "bookingId": "booking-1",
        "status": "FAILED",
        "reason": "no_seats",
        "flightId": "JB101",
        "seats": 2,
        "total": {"amount": "100.50", "currency": "USD"},
        "steps": [{"name": "Cancel Booking", "outcome": "no_seats", "at": "2026-11-21T09:30:00Z"}],
        "createdAt": "2026-11-21T09:30:00Z",
        "links": {"self": "/bookings/booking-1"},
    }
    for path, subject in (("/bookings/booking-1", OTHER_CUSTOMER), ("/bookings/booking-2", CUSTOMER)):
        status, problem = look(path, subject=subject)
        assert (status, problem["code"]) == (HTTPStatus.NOT_FOUND, "not_found")


def test_a_passenger_lists_their_own_bookings_a_page_at_a_time(bookings: DynamoBookings) -> None:
    for number in range(3):
        bookings.add(booking(booking_id=f"booking-{number}", customer_id=CUSTOMER))
    bookings.add(booking(booking_id="other", customer_id=OTHER_CUSTOMER))
    _, first = look("/bookings", {"limit": "2"})
    _, second = look("/bookings", {"limit": "2", "cursor": first["nextCursor"]})
    shown = [each["bookingId"] for page in (first, second) for each in page["bookings"]]
    assert sorted(shown) == ["booking-0", "booking-1", "booking-2"]
    status, problem = look("/bookings", {"cursor": "rubbish"})
    assert (status, problem["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_cursor")
