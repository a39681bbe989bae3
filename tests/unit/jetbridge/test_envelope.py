"""The envelope as it travels, and what readers of other versions make of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from jetbridge.contracts.envelope import Amount, Envelope, tell
from jetbridge.contracts.orders import OrderCancelled, OrderConfirmed
from jetbridge.contracts.payments import PaymentCaptured, PaymentKind
from jetbridge.contracts.registry import EVENTS
from jetbridge.kernel.money import Money

TOTAL = Amount(amount="50.25", currency="USD")
CONFIRMED = OrderConfirmed(order_id="order-1", customer_id="customer-1", total=TOTAL)


def tell_confirmed(version: int = 3) -> Envelope[OrderConfirmed]:
    return tell(
        CONFIRMED,
        entity_id="order-1",
        version=version,
        occurred_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        correlation_id="correlation-1",
        causation_id="cause-1",
    )


def test_an_event_travels_as_metadata_and_data() -> None:
    told = tell_confirmed()
    assert told.to_wire() == {
        "metadata": {
            "event_id": told.metadata.event_id,
            "type": "OrderConfirmed",
            "version": "1.0",
            "occurred_at": "2026-11-21T09:30:00.000000Z",
            "correlation_id": "correlation-1",
            "causation_id": "cause-1",
        },
        "data": {
            "order_id": "order-1",
            "customer_id": "customer-1",
            "total": {"amount": "50.25", "currency": "USD"},
        },
    }


def test_a_change_told_twice_is_the_same_event_and_the_next_one_is_another() -> None:
    assert tell_confirmed() == tell_confirmed()
    assert tell_confirmed(3).metadata.event_id != tell_confirmed(4).metadata.event_id


def test_services_that_share_a_reference_and_a_version_tell_different_events() -> None:
    captured = PaymentCaptured(reference="order-1", kind=PaymentKind.ORDER, total=TOTAL)
    paid = tell(
        captured,
        entity_id="order-1",
        version=3,
        occurred_at=datetime(2026, 11, 21, tzinfo=UTC),
        correlation_id="c",
        causation_id="c",
    )
    assert paid.metadata.event_id != tell_confirmed(3).metadata.event_id


def test_readers_ignore_what_they_do_not_know() -> None:
    wire = tell_confirmed().to_wire()
    wire["metadata"]["region"] = "eu"
    wire["data"]["gift"] = True
    wire["more"] = 1
    assert Envelope[OrderConfirmed].model_validate(wire) == tell_confirmed()


@pytest.mark.parametrize("missing", ["event_id", "type", "occurred_at", "correlation_id", "causation_id"])
def test_an_envelope_without_its_metadata_is_not_read(missing: str) -> None:
    wire = tell_confirmed().to_wire()
    del wire["metadata"][missing]
    with pytest.raises(ValidationError, match=missing):
        Envelope[OrderConfirmed].model_validate(wire)


def test_a_time_without_zone_is_not_read() -> None:
    wire = tell_confirmed().to_wire()
    wire["metadata"]["occurred_at"] = "2026-11-21T09:30:00"
    with pytest.raises(ValidationError, match="occurred_at"):
        Envelope[OrderConfirmed].model_validate(wire)


@pytest.mark.parametrize("amount", ["", "-1", "1e3", "1.", ".5", "50,25", "1234567890123", "١٢", 50.25, 50])
def test_an_amount_is_a_plain_decimal_text(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Amount.model_validate({"amount": amount, "currency": "USD"})


def test_an_amount_is_money_on_the_wire() -> None:
    assert Amount.of(Money(5025, "USD")) == TOTAL
    assert TOTAL.to_money() == Money(5025, "USD")


def test_events_are_values() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CONFIRMED.order_id = "order-2"  # type: ignore[misc]


def test_the_registry_knows_every_event_by_its_class_name() -> None:
    assert EVENTS["OrderCancelled"] is OrderCancelled
    assert all(name == event.__name__ for name, event in EVENTS.items())
