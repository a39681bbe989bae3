"""Changes of the stock table as events: the enrichment of this service's pipe. One pure function."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.adapters.hold_items import HoldItem
from inventory.adapters.level_items import LevelItem
from inventory.adapters.run_items import RunItem
from inventory.domain.holds import Hold, HoldStatus
from inventory.domain.imports import Run, RunStatus
from inventory.handlers.level_changes import of_low, of_oversold
from jetbridge.contracts.envelope import Envelope, tell
from jetbridge.contracts.inventory import (
    HeldLine,
    InventoryEvent,
    Shortage,
    StockFileCounts,
    StockFileFailed,
    StockFileImported,
    StockHoldExpired,
    StockRejected,
    StockReleased,
    StockReserved,
)
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.streams import Change, events_of


def event_of(change: Change) -> Envelope[Any] | None:
    """The event that a change of a hold, a level or a run is; nothing for what is only bookkeeping."""
    match change.new:
        case {"kind": "HOLD"}:
            return _of_hold(HoldItem.model_validate(change.new).to_hold())
        case {"kind": "LEVEL", "low": True} if change.old and not change.old["low"]:
            level = LevelItem.model_validate(change.new).to_level()
            # A threshold that was raised is no news to who raised it.
            return of_low(level) if level.available < change.old["available"] else None
        case {"kind": "RUN", "status": status} if change.old and change.old["status"] != status:
            return _of_run(RunItem.model_validate(change.new).to_run())
    return None


def oversold(change: Change) -> Envelope[Any] | None:
    """A level may be oversold and run low at once: two events."""
    match change.new:
        case {"kind": "LEVEL", "oversold": True}:
            return of_oversold(LevelItem.model_validate(change.new).to_level())
    return None


def _of_hold(hold: Hold) -> Envelope[Any] | None:
    data = _hold_data(hold)
    if data is None:
        return None
    return tell(
        data,
        entity_id=f"hold/{hold.order_id}",
        version=hold.version,
        occurred_at=hold.cause.at,
        correlation_id=hold.cause.correlation_id,
        causation_id=hold.cause.causation_id,
    )


def _hold_data(hold: Hold) -> InventoryEvent | None:
    order_id = hold.order_id
    match hold.status:
        case HoldStatus.HELD if hold.expires_at:
            return StockReserved(
                order_id=order_id, lines=_lines(hold), expires_at=hold.expires_at, rule=hold.rule
            )
        case HoldStatus.REJECTED:
            shortages = tuple(Shortage(**asdict(shortage)) for shortage in hold.shortages)
            return StockRejected(order_id=order_id, reason=hold.reason or "rejected", shortages=shortages)
        case HoldStatus.RELEASED if hold.lines:
            return StockReleased(order_id=order_id)
        case HoldStatus.EXPIRED:
            return StockHoldExpired(order_id=order_id)
    return None


def _lines(hold: Hold) -> tuple[HeldLine, ...]:
    return tuple(
        HeldLine(product_id=line.place.product_id, location=line.place.location, quantity=line.quantity)
        for line in hold.lines
    )


def _of_run(run: Run) -> Envelope[Any] | None:
    data = _run_data(run)
    if data is None:
        return None
    return tell(
        data,
        entity_id=f"import/{run.import_id}",
        version=run.version,
        occurred_at=run.ended_at or run.created_at,
        correlation_id=run.correlation_id,
        causation_id=run.causation_id,
    )


def _run_data(run: Run) -> InventoryEvent | None:
    reading = run.so_far
    counts = StockFileCounts(
        rows_read=reading.rows_read,
        rows_sent=reading.rows_sent,
        rows_written=run.accounts.written,
        rows_unchanged=run.accounts.unchanged,
        rows_stale=run.accounts.stale,
        rows_rejected=reading.rows_rejected,
    )
    match run.status:
        case RunStatus.SUCCEEDED:
            return StockFileImported(**_facts(run), counts=counts)
        case RunStatus.FAILED:
            reason = reading.failure or "failed"
            return StockFileFailed(**_facts(run), reason=reason, counts=counts)
    return None


def _facts(run: Run) -> dict[str, Any]:
    size = run.file.size if run.file else 0
    return {"import_id": run.import_id, "key": run.key, "bytes": size, "seconds": run.seconds or 0}


@observed
def handler(event: Any, _: LambdaContext) -> Any:
    told = events_of(event, event_of, oversold, dead_letters=bootstrap.dead_letters)
    for each in told:
        if counts := each["data"].get("counts"):
            count("StockFileSeconds", each["data"]["seconds"])
            count("StockFileRejectedPercent", counts["rows_rejected"] * 100 // max(counts["rows_read"], 1))
    return told
