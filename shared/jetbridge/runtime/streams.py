"""A table's stream as events: the enrichment step of a service's pipe."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from jetbridge.contracts.envelope import Envelope
from jetbridge.runtime.dynamodb import from_item
from jetbridge.runtime.observability import count, logger


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


def events_of(records: list[dict[str, Any]], tell: Tell) -> list[dict[str, Any]]:
    """The events that the records are, in order; records that are none leave no trace.

    A pipe does not call its target for an empty list. A record that cannot be read fails the batch, which
    the pipe bisects until the record is alone in its dead-letter queue.
    """
    told = [event for record in records if (event := tell(change_of(record))) is not None]
    for event in told:
        count(f"{event.metadata.type}Told")
        logger.info("event told", extra=event.metadata.model_dump(mode="json"))
    return [event.to_wire() for event in told]
