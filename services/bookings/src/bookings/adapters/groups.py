"""Groups in DynamoDB: one item a group, key `group_id`, written once together with its bookings."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from bookings.adapters.bookings import row_of
from bookings.domain.bookings import Booking
from bookings.domain.groups import Entry, Group
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Cancelled, Row, put_over, read_item, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class EntryRow(Row):
    booking_id: str
    flight_id: str
    seats: int
    payment_method: str


class GroupRow(Row):
    """The item as it is stored."""

    group_id: str
    customer_id: str
    all_or_nothing: bool
    entries: tuple[EntryRow, ...]
    correlation_id: str
    created_at: datetime

    def to_group(self) -> Group:
        values = self.model_dump(exclude={"entries"})
        return Group(**values, entries=tuple(Entry(**entry.model_dump()) for entry in self.entries))


class DynamoGroups:
    def __init__(self, client: "DynamoDBClient", table_name: str, bookings_table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        self._bookings_table_name = bookings_table_name

    def get(self, group_id: str) -> Group | None:
        item = read_item(self._client, self._table_name, {"group_id": group_id})
        return GroupRow.model_validate(item).to_group() if item else None

    def add(self, group: Group, bookings: Sequence[Booking]) -> bool:
        values = asdict(group)
        values |= {"created_at": to_iso(group.created_at), "entries": list(values["entries"])}
        rows = map(row_of, bookings)
        added = [put_over(self._bookings_table_name, row, "booking_id", 0) for row in rows]
        try:
            transact(self._client, [put_over(self._table_name, values, "group_id", 0), *added])
        except Cancelled as cancelled:
            if cancelled.refused(0):
                return False
            raise
        return True
