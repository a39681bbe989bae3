"""Each event's model, sample and schema are one."""

import json
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from checks.catalogue import events, on_bus, sample_of
from checks.exports import SCHEMAS, exports, schema_of, stale
from jetbridge.contracts import bookings, inventory, orders, payments
from jetbridge.contracts.envelope import EventData
from jetbridge.contracts.registry import EVENTS
from jetbridge.runtime.queues import read_event

EACH = pytest.mark.parametrize("event", events(), ids=[event.__name__ for event in events()])


def envelope_in(event: type[EventData]) -> Any:
    return sample_of(event)["detail"] if on_bus(event) else sample_of(event)


def schema_on_file(event: type[EventData]) -> Any:
    return json.loads((SCHEMAS / f"{event.__name__}.json").read_text(encoding="utf-8"))


@EACH
def test_a_sample_is_read_as_its_event_and_written_again_the_same(event: type[EventData]) -> None:
    told = read_event(json.dumps(sample_of(event)))
    assert type(told.data) is event
    assert told.to_wire() == envelope_in(event)
    assert told.metadata.version == event.version


@EACH
def test_a_sample_fits_the_schema_on_file_and_fits_no_more_without_any_field_that_must_be_there(
    event: type[EventData],
) -> None:
    schema, sample = Draft202012Validator(schema_on_file(event)), envelope_in(event)
    schema.validate(sample)
    required = schema_of(event)["$defs"][event.__name__]["required"]
    for field in required:
        broken = sample | {"data": {name: value for name, value in sample["data"].items() if name != field}}
        with pytest.raises(ValidationError):
            schema.validate(broken)


@EACH
def test_a_schema_takes_no_other_event(event: type[EventData]) -> None:
    sample = envelope_in(event)
    other = sample | {"metadata": sample["metadata"] | {"type": "SkyFell"}}
    assert not Draft202012Validator(schema_on_file(event)).is_valid(other)


@EACH
def test_a_schema_lets_additions_through(event: type[EventData]) -> None:
    sample = envelope_in(event)
    Draft202012Validator(schema_on_file(event)).validate(sample | {"data": sample["data"] | {"later": 1}})


@pytest.mark.parametrize(
    "event", [event for event in events() if on_bus(event)], ids=lambda event: event.__name__
)
def test_the_bus_frames_an_event_with_what_it_says_itself(event: type[EventData]) -> None:
    sample = sample_of(event)
    assert sample["source"] == event.source
    assert sample["detail-type"] == sample["detail"]["metadata"]["type"] == event.__name__
    assert sample["time"][:19] == sample["detail"]["metadata"]["occurred_at"][:19]


def test_each_event_says_what_it_means() -> None:
    assert [event.__name__ for event in events() if not event.__doc__] == []


@pytest.mark.parametrize("module", [bookings, inventory, orders, payments])
def test_the_registry_holds_every_event_of_the_contracts(module: ModuleType) -> None:
    written = [it for it in vars(module).values() if isinstance(it, type) and issubclass(it, EventData)]
    bases = {base for event in written for base in event.__bases__}
    assert {event for event in written if event not in bases} <= set(EVENTS.values())


def test_what_is_made_from_the_contracts_is_fresh() -> None:
    assert [path.name for path in stale(exports())] == [], "run `make exports`"
