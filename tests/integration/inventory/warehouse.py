"""What the tests of the functions do: upload files, deliver messages and events, look into the account."""

from datetime import UTC, datetime
from typing import Any

from inventory.handlers import placed_orders, row_packs, settled_orders, stock_files
from jetbridge.contracts.envelope import Amount
from jetbridge.contracts.orders import OrderCancelled, OrderConfirmed, OrderEvent, OrderLine, OrderPlaced
from jetbridge.runtime import aws
from tests.integration.tables import items_of
from tests.lambda_events import context, failed, from_bus, sqs, told

MORNING = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # when orders come, as `told` has it
BUCKET = "stock-files"
PACKS = "packs"
HEADER = "product_id,location,quantity,update_date\n"
_TOTAL = Amount(amount="10.00", currency="USD")


class Warehouse:
    def upload(self, text: str | bytes, key: str = "incoming/stock.csv") -> dict[str, Any]:
        """Put the object; the answer is what S3 tells of it."""
        body = text.encode() if isinstance(text, str) else text
        etag = aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
        stored = {
            "key": key.replace(" ", "+"),
            "size": len(body),
            "eTag": etag,
            "sequencer": "0055AED6DCD90281E5",
        }
        return {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": BUCKET}, "object": stored}}]}

    def read(self, event: dict[str, Any]) -> None:
        stock_files.handler(event, context(seconds=900))

    def waiting(self, queue: str = PACKS) -> list[str]:
        """Take all messages off a queue."""
        client = aws.client("sqs")
        url = client.get_queue_url(QueueName=queue)["QueueUrl"]
        bodies = []
        while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in found]
        return bodies

    def write(self, *bodies: object) -> list[int]:
        """Deliver packs; the answer is which are given back."""
        batch = sqs(*bodies)
        return failed(row_packs.handler(batch, context()), batch)

    def load(self, rows: str, key: str = "incoming/stock.csv") -> None:
        """A file of these rows, all the way to levels."""
        self.read(self.upload(HEADER + rows, key))
        assert self.write(*self.waiting()) == []

    def place(self, order_id: str, preferred: str | None = None, **quantities: int) -> list[int]:
        lines = tuple(
            OrderLine(product_id=product_id, quantity=quantity, unit_price=_TOTAL)
            for product_id, quantity in quantities.items()
        )
        return self._deliver(
            placed_orders,
            OrderPlaced(
                order_id=order_id,
                customer_id="c",
                lines=lines,
                total=_TOTAL,
                preferred_location=preferred,
            ),
        )

    def confirm(self, order_id: str) -> list[int]:
        return self._deliver(settled_orders, OrderConfirmed(order_id=order_id, customer_id="c", total=_TOTAL))

    def cancel(self, order_id: str) -> list[int]:
        event = OrderCancelled(order_id=order_id, customer_id="c", total=_TOTAL, reason="declined")
        return self._deliver(settled_orders, event)

    def _deliver(self, module: Any, event: OrderEvent) -> list[int]:
        batch = sqs(from_bus(told(event, entity_id=event.order_id)))
        return failed(module.handler(batch, context()), batch)

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in items_of("StockTable") if item.get("kind") == kind]

    def hold(self, order_id: str) -> dict[str, Any]:
        (found,) = (item for item in self.items("HOLD") if item["order_id"] == order_id)
        return found

    def level(self, product_id: str, location: str = "LHR") -> tuple[int, int]:
        """On hand and held."""
        (found,) = (
            item
            for item in self.items("LEVEL")
            if (item["product_id"], item["location"]) == (product_id, location)
        )
        return int(found["on_hand"]), int(found["held"])

    def ledger(self) -> list[dict[str, Any]]:
        """Every version that moved units: a level is its own entry, others are filed."""
        levels = {(level["product_id"], level["location"]): level for level in self.items("LEVEL")}
        filed = [
            entry
            for entry in self.items("LEDGER")
            if entry["version"] < levels[entry["product_id"], entry["location"]]["version"]
        ]
        return [*filed, *levels.values()]

    def run(self) -> dict[str, Any]:
        (found,) = self.items("RUN")
        return found

    def report(self, key: str) -> str:
        return aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
