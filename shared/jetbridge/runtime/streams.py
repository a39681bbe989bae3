"""A table's stream as events: the enrichment step of a service's pipe."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from jetbridge.contracts.envelope import Envelope
from jetbridge.runtime.dynamodb import from_item
from jetbridge.runtime.observability import count, logger
from jetbridge.runtime.queues import DeadLetters

_LONGEST_LETTER = 200_000  # characters; a message holds 256 KiB


class Change(BaseModel):
    """One change of one item: its plain images before and after; None where there was or is no item."""

    model_config = ConfigDict(frozen=True)

    old: dict[str, Any] | None
    new: dict[str, Any] | None
    at: datetime


type Tell = Callable[[Change], Envelope[Any] | None]


def change_of(record: dict[str, Any]) -> Change:
    """Read a stream record as it arrives in a function or a pipe (view type NEW_AND_OLD_IMAGES)."""
    told = record["dynamodb"]
    old, new = told.get("OldImage"), told.get("NewImage")
    return Change(
        old=from_item(old) if old else None,
        new=from_item(new) if new else None,
        at=datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC),
    )


def told_of(
    records: list[dict[str, Any]], *tells: Tell, dead_letters: Callable[[], DeadLetters]
) -> list[tuple[dict[str, Any], Envelope[Any]]]:
    """Each record that is an event, with it, in order; with several `tells` it may be several.

    They are pure functions: a record that one cannot read now it cannot read later. Such a record is buried,
    once, so that it does not hold back those behind it. Whatever else fails is an outage, and is retried.
    `dead_letters` is only asked for when there is something to bury.
    """
    told: list[tuple[dict[str, Any], Envelope[Any]]] = []
    for record in records:
        try:
            change = change_of(record)
            events = [tell(change) for tell in tells]
        except Exception as fault:
            count("UnreadableChange")
            logger.exception("change buried", sequence_number=record["dynamodb"]["SequenceNumber"])
            dead_letters().send(_letter(record), type(fault).__name__)
        else:
            told += [(record, event) for event in events if event is not None]
    return told


def note_told(events: Iterable[Envelope[Any]]) -> None:
    """Count and log what was told: names and ids, no facts."""
    for event in events:
        count(f"{event.metadata.type}Told")
        logger.info("event told", extra=event.metadata.model_dump(mode="json"))


def events_of(
    records: list[dict[str, Any]], *tells: Tell, dead_letters: Callable[[], DeadLetters]
) -> list[dict[str, Any]]:
    """The answer of a pipe's enrichment: the events. A pipe does not call its target for an empty list."""
    told = [event for _, event in told_of(records, *tells, dead_letters=dead_letters)]
    note_told(told)
    return [event.to_wire() for event in told]


def _letter(record: dict[str, Any]) -> str:
    """The record as it came; without its images if they do not fit into a message."""
    letter = json.dumps(record)
    if len(letter) <= _LONGEST_LETTER:
        return letter
    slim = {name: value for name, value in record["dynamodb"].items() if not name.endswith("Image")}
    return json.dumps(record | {"dynamodb": slim})
