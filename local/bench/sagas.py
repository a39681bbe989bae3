"""What a booking takes: time and state transitions, beside a machine with a function for every step."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from statistics import mean, quantiles
from time import time
from typing import Any

from bench.prices import dollars, source
from sandbox.api import call, expect, new_key, wait_for
from sandbox.console import table
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs
from sandbox.problems import SandboxProblem

COUNT = 20
PATIENCE_SECONDS = 60
STEP_SECONDS, STEP_GIGABYTES = Decimal("0.02"), Decimal("0.5")  # a warm function with one write
# What is measured: the card, and how the booking has to end.
CONFIRMED = ("pm_card_visa", "CONFIRMED")
BOOKINGS = {"confirmed": CONFIRMED, "failed, card declined": ("pm_card_chargeDeclined", "FAILED")}
HEAD = (
    "booking",
    "p50 s",
    "p95 s",
    "transitions",
    "steps without a function",
    "$ per 1,000",
    "with a function a step",
)


def report(deployment: Deployment, outputs: Outputs) -> Iterator[str]:
    flight = _flight(outputs)
    _book(outputs, flight, *CONFIRMED)  # what a first call makes once is no part of the figure
    rows = []
    for what, (card, end) in BOOKINGS.items():
        booked = [_book(outputs, flight, card, end) for _ in range(COUNT)]
        entered = [_entered(deployment, outputs, each["bookingId"]) for each in booked]
        rows.append((what, *_row([_seconds(each) for each in booked], entered)))
    yield f"\nBookings, {COUNT} one after the other:\n"
    yield table(HEAD, rows)
    yield f"\n  {source()}; a function for a step is taken to run {STEP_SECONDS} s with {STEP_GIGABYTES} GB."


def _row(seconds: list[float], entered: list[Counter[str]]) -> Iterator[str]:
    """`entered` counts the states of each booking, see `_entered`."""
    cuts = quantiles(seconds, n=20)
    transitions = Decimal(str(mean(states.total() for states in entered)))
    direct = Decimal(str(mean(states["direct"] for states in entered)))
    saga = dollars({"states.transitions": transitions}) * 1000
    gb_seconds = direct * STEP_SECONDS * STEP_GIGABYTES
    functions = dollars({"lambda.requests": direct, "lambda.arm_gb_seconds": gb_seconds}) * 1000
    yield from (f"{cuts[9]:.2f}", f"{cuts[18]:.2f}")
    yield from (f"{transitions:.1f}", f"{direct:.1f}", f"{saga:.4f}", f"{saga + functions:.4f}")


def _flight(outputs: Outputs) -> str:
    flight = f"BENCH-{int(time())}"
    made = {
        "origin": "ZRH",
        "destination": "LHR",
        "departsAt": "2030-06-01T09:30:00Z",
        "seatCapacity": 1000,
        "price": "129.00",
    }
    url = f"{outputs.apis['bookings']}/flights/{flight}"
    expect(200, call("PUT", url, made, token=outputs.tokens.operator))
    return flight


def _book(outputs: Outputs, flight: str, card: str, end: str) -> Any:
    """The booking at its end. Raises SandboxProblem if that is another."""
    url, token = f"{outputs.apis['bookings']}/bookings", outputs.tokens.customer
    wanted = {"flightId": flight, "seats": 1, "paymentMethod": card}
    booking = expect(202, call("POST", url, wanted, token=token, headers=new_key()))["bookingId"]
    seen = wait_for(
        lambda: expect(200, call("GET", f"{url}/{booking}", token=token)),
        lambda found: found["status"] in {"CONFIRMED", "FAILED"},
        seconds=PATIENCE_SECONDS,
    )
    if seen["status"] != end:
        raise SandboxProblem(f"booking {booking} was to be {end} and is {seen['status']}")
    return seen


def _seconds(booking: Any) -> float:
    moments = [datetime.fromisoformat(step["at"]) for step in booking["steps"]]
    return (max(moments) - min(moments)).total_seconds()


def _entered(deployment: Deployment, outputs: Outputs, booking: str) -> Counter[str]:
    """States entered by the booking's execution: `direct` tasks call a service, `other` are all the rest."""
    states = deployment.client("stepfunctions")
    machine = outputs.stacks["Bookings"]["ProcessBookingArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{booking}"
    wait_for(
        lambda: states.describe_execution(executionArn=execution)["status"],
        lambda status: bool(status != "RUNNING"),
        seconds=PATIENCE_SECONDS,
    )
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    entered = sum(event["type"].endswith("StateEntered") for event in events)
    tasks = [event["taskScheduledEventDetails"] for event in events if event["type"] == "TaskScheduled"]
    direct = sum(task["resourceType"] != "lambda" for task in tasks)
    return Counter(direct=direct, other=entered - direct)
