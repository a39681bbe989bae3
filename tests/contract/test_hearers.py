"""What is delivered to a service is what its handlers know: rules, filters and code are one."""

from typing import Any

import pytest

from checks.catalogue import Hearing, consumers_of, events, hearings, on_bus, producer_of, sample_of
from checks.patterns import matches
from checks.templates import ROOT, load, target_of
from jetbridge.contracts.envelope import EventData
from jetbridge.contracts.registry import EVENTS
from payments.handlers.requests import RequestBody
from tests.contract.sources import events_named_in, handlers_of
from tests.lambda_events import transformed

HEARINGS = list(hearings())
EACH = pytest.mark.parametrize("hearing", HEARINGS, ids=lambda hearing: f"{hearing.service}-{hearing.name}")
TRANSFORMED = {
    (hearing.service, hearing.name): target["InputTransformer"]
    for hearing in HEARINGS
    for target in load(ROOT / "services" / hearing.service / "template.yaml")
    .body["Resources"][hearing.name]["Properties"]
    .get("Targets", [])
    if "InputTransformer" in target
}


def samples_for(event: type[EventData]) -> list[dict[str, Any]]:
    """The event as it is delivered; a payment event as an order's and as a booking's."""
    sample = sample_of(event)
    if on_bus(event):
        return [sample]
    return [sample | {"data": sample["data"] | {"kind": kind}} for kind in ("order", "booking")]


def heard_by(hearing: Hearing) -> set[str]:
    told = (event for event in events() if on_bus(event) == hearing.on_bus)
    return {event.__name__ for event in told if any(hearing.hears(sample) for sample in samples_for(event))}


@EACH
def test_a_rule_names_only_events_that_exist_with_their_source(hearing: Hearing) -> None:
    named = set(hearing.pattern.get("detail-type", [])) if hearing.on_bus else heard_by(hearing)
    assert named, "a rule that hears everything, or nothing"
    assert heard_by(hearing) == named
    if hearing.on_bus:
        assert {EVENTS[name].source for name in named} == set(hearing.pattern["source"])


@pytest.mark.parametrize("service", sorted({hearing.service for hearing in HEARINGS}))
def test_what_is_delivered_to_a_service_is_what_its_handlers_know(service: str) -> None:
    plain = [it for it in HEARINGS if it.service == service and (service, it.name) not in TRANSFORMED]
    delivered = set().union(*(heard_by(hearing) for hearing in plain))
    readers = [path for path in handlers_of(service) if not path.stem.endswith("_changes")]
    assert delivered == events_named_in(readers)


@EACH
def test_what_a_rule_delivers_has_a_queue_with_a_function_behind_it(hearing: Hearing) -> None:
    template = load(ROOT / "services" / hearing.service / "template.yaml")
    mappings = template.resources("Lambda::EventSourceMapping").values()
    read = {target_of(mapping["EventSourceArn"]): target_of(mapping["FunctionName"]) for mapping in mappings}
    assert hearing.queue in template.resources("SQS::Queue")
    assert read.get(hearing.queue) in template.functions()


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_nobody_hears_what_it_tells(event: type[EventData]) -> None:
    assert producer_of(event) not in consumers_of(event)


@pytest.mark.parametrize("kind", ["order", "booking"])
def test_a_payment_is_heard_only_by_the_service_whose_it_is(kind: str) -> None:
    owner = {"order": "orders", "booking": "bookings"}[kind]
    for event in events():
        if not on_bus(event):
            sample = sample_of(event)
            own = sample | {"data": sample["data"] | {"kind": kind}}
            assert {it.service for it in HEARINGS if not it.on_bus and it.hears(own)} <= {owner}


@pytest.mark.parametrize("rule", TRANSFORMED, ids="-".join)
def test_what_a_rule_makes_of_an_event_is_a_payment_request(rule: tuple[str, str]) -> None:
    (hearing,) = (it for it in HEARINGS if (it.service, it.name) == rule)
    for name in heard_by(hearing):
        (sample,) = samples_for(EVENTS[name])
        request = RequestBody.model_validate_json(transformed(TRANSFORMED[rule], sample))
        told = sample["detail"]
        assert request.order_id in (told["data"].get("order_id"), told["data"].get("booking_id"))
        assert (request.user_id, request.kind) == (
            told["data"]["customer_id"],
            producer_of(EVENTS[name])[:-1],
        )
        assert {"amount": request.amount, "currency": request.currency} == told["data"]["total"]
        part = told["data"].get("refund")
        assert (request.refund.model_dump() if request.refund else None) == part
        assert request.payment_method == told["data"].get("payment_method")
        assert request.correlation_id == told["metadata"]["correlation_id"]
        assert request.causation_id == told["metadata"]["event_id"]


def test_a_part_that_is_wanted_back_reaches_payments() -> None:
    sample = sample_of(EVENTS["BookingRefundRequested"])
    part = {"amount": "100.00", "currency": "USD"}
    sample["detail"]["data"]["refund"] = part
    body = transformed(TRANSFORMED["payments", "BookingRefundRequestedRule"], sample)
    request = RequestBody.model_validate_json(body)
    assert request.refund is not None
    assert request.refund.model_dump() == part


@pytest.mark.parametrize(
    ("pattern", "event", "fits"),
    [
        ({"a": [1]}, {"a": 1, "b": 2}, True),
        ({"a": [1, 2]}, {"a": 2}, True),
        ({"a": [1]}, {"a": 3}, False),
        ({"a": [1]}, {}, False),
        ({"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": [{"prefix": "jet"}]}, {"a": "jetbridge"}, True),
        ({"a": [{"prefix": "jet"}]}, {"a": "bridge"}, False),
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "z"}, False),
        ({"a": ["x"]}, {"a": ["w", "x"]}, True),
    ],
)
def test_patterns_match_as_on_the_bus(pattern: dict[str, Any], event: dict[str, Any], fits: bool) -> None:
    assert matches(pattern, event) == fits


def test_an_operator_that_nobody_taught_the_matcher_is_not_taken_for_a_match() -> None:
    with pytest.raises(NotImplementedError):
        matches({"a": [{"numeric": [">", 1]}]}, {"a": 2})
