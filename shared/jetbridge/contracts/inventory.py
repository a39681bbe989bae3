"""What inventory tells."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from jetbridge.contracts.envelope import Contract, EventData, Id

ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024)]  # S3 counts bytes


class HeldLine(Contract):
    product_id: Id
    location: Id
    quantity: Annotated[int, Field(ge=1)]


class Shortage(Contract):
    product_id: Id
    wanted: Annotated[int, Field(ge=1)]
    available: Annotated[int, Field(ge=0)]


class InventoryEvent(EventData):
    source: ClassVar[str] = "jetbridge.inventory"


class StockReserved(InventoryEvent):
    """Every line of the order is held until `expires_at`; `rule` says how its locations were chosen."""

    order_id: Id
    lines: Annotated[tuple[HeldLine, ...], Field(min_length=1)]
    expires_at: AwareDatetime
    rule: Id | None = None


class StockRejected(InventoryEvent):
    """Nothing is held for the order; `reason` is the refusal's code."""

    order_id: Id
    reason: Id
    shortages: tuple[Shortage, ...] = ()


class StockReleased(InventoryEvent):
    """The order's hold was given back to the stock because the order was cancelled."""

    order_id: Id


class StockHoldExpired(InventoryEvent):
    """The order's hold passed its time before a sale and was given back to the stock."""

    order_id: Id


class StockRanLow(InventoryEvent):
    """What is available of a product at a location fell below the threshold."""

    product_id: Id
    location: Id
    available: int
    threshold: int


class StockOversold(InventoryEvent):
    """A stock file counted less than is held: `oversold_by` units that are held for `order_ids` do not exist.

    Nothing is taken from the orders; at most 1,000 are named.
    """

    product_id: Id
    location: Id
    counted: Annotated[int, Field(ge=0)]
    held: Annotated[int, Field(ge=1)]
    oversold_by: Annotated[int, Field(ge=1)]
    order_ids: Annotated[tuple[Id, ...], Field(min_length=1)]


class StockFileCounts(Contract):
    """Rows of a stock file: read = sent + rejected; sent = written + unchanged + stale."""

    rows_read: int
    rows_sent: int
    rows_written: int
    rows_unchanged: int
    rows_stale: int
    rows_rejected: int


class StockFileEvent(InventoryEvent):
    import_id: Id
    key: ObjectKey
    bytes: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[int, Field(ge=0)] = 0


class StockFileImported(StockFileEvent):
    """A stock file was read to its end and every row that was sent is accounted for."""

    counts: StockFileCounts


class StockFileFailed(StockFileEvent):
    """A stock file was not imported as a whole; `counts` say how far it came."""

    reason: Id
    counts: StockFileCounts
