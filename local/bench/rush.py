"""A rush of orders by many clients at once, and the books after it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from time import perf_counter, time_ns
from typing import Any

from bench.stocking import load
from bench.wishes import Wish, wishes
from sandbox.api import Answer, call, expect, new_key, wait_for
from sandbox.outputs import Outputs
from sandbox.problems import SandboxProblem

CLIENTS = 16
PRICE = Decimal("2.35")
BUSY = 409
ENDS = {"CONFIRMED", "REJECTED", "CANCELLED"}


@dataclass(frozen=True)
class Ended:
    """`answered` is seconds until POST was answered, `took` from placed to the end, on its own clock."""

    order_id: str
    wish: Wish
    status: str
    answered: float
    took: float


@dataclass(frozen=True)
class Books:
    """Amounts in minor units; by product, `sold` is what left the stock, `wanted` what was confirmed."""

    confirmed: int
    captured: int
    refunded: int
    charges: int
    sold: dict[str, int]
    wanted: dict[str, int]
    held: int


@dataclass(frozen=True)
class Rush:
    """`count` orders on the APIs of `outputs`; `seconds` is the patience for the last end."""

    outputs: Outputs
    count: int = 300
    seconds: float = 120

    def run(self) -> tuple[list[Ended], Books]:
        loaded, wished = wishes(self.count, time_ns() // 1_000_000)
        load(self.outputs, loaded)
        with ThreadPoolExecutor(CLIENTS) as clients:
            placed = list(clients.map(self._place, wished))
            ended = list(clients.map(self._follow, wished, placed))
            calls = list(clients.map(self._calls, (each.order_id for each in ended)))
        return ended, self._books(loaded, ended, [call for of_order in calls for call in of_order])

    def _place(self, wish: Wish) -> tuple[str, float]:
        """The order's id, and the seconds until the first answer."""
        headers, started = new_key(), perf_counter()
        attempts = 2 if wish.impatient else 1
        with ThreadPoolExecutor(attempts) as hands:
            answers = list(hands.map(self._post, repeat(wish, attempts), repeat(headers)))
        seconds = perf_counter() - started
        ids = {str(expect(202, answer)["orderId"]) for answer in answers}
        (order_id,) = ids  # one key, one order
        return order_id, seconds

    def _post(self, wish: Wish, headers: dict[str, str]) -> Answer:
        """Asked again for as long as the same request is still on its way."""
        item = {"productId": wish.product, "price": str(PRICE), "quantity": wish.quantity}
        body = {"items": [item], "paymentMethod": wish.card}
        return wait_for(
            lambda: self._customer("POST", "/orders", body, headers),
            lambda answer: answer.status != BUSY,
            seconds=self.seconds,
        )

    def _follow(self, wish: Wish, placed: tuple[str, float]) -> Ended:
        order_id, answered = placed
        seen = wait_for(
            lambda: expect(200, self._customer("GET", f"/orders/{order_id}")),
            lambda order: order["status"] in ENDS,
            seconds=self.seconds,
            every=0.5,
        )
        if seen["status"] not in ENDS:
            raise SandboxProblem(f"order {order_id} was still {seen['status']} after {self.seconds} s")
        took = datetime.fromisoformat(seen["history"][-1]["at"]) - datetime.fromisoformat(seen["createdAt"])
        return Ended(order_id, wish, seen["status"], answered, took.total_seconds())

    def _calls(self, order_id: str) -> list[Any]:
        path = f"/calls?reference={order_id}"
        return list(expect(200, self._operator("GET", "payment_provider", path))["calls"])

    def _books(self, loaded: dict[str, int], ended: list[Ended], calls: list[Any]) -> Books:
        confirmed = [each.wish for each in ended if each.status == "CONFIRMED"]
        wanted = {
            product: sum(wish.quantity for wish in confirmed if wish.product == product) for product in loaded
        }
        seen = {product: self._settled(product, loaded[product] - wanted[product]) for product in loaded}
        return Books(
            confirmed=sum(wish.quantity for wish in confirmed) * _minor(str(PRICE)),
            captured=sum(_minor(each["amount"]) for each in calls if each["outcome"] == "charged"),
            refunded=sum(_minor(each["amount"]) for each in calls if each["outcome"] == "refunded"),
            charges=sum(each["outcome"] == "charged" for each in calls),
            sold={product: loaded[product] - level["onHand"] for product, level in seen.items()},
            wanted=wanted,
            held=sum(level["held"] for level in seen.values()),
        )

    def _settled(self, product: str, left: int) -> Any:
        """The level, once the last sales and releases have arrived."""
        return wait_for(
            lambda: expect(200, self._operator("GET", "inventory", f"/inventory/{product}")),
            lambda level: bool(level["onHand"] == left and level["held"] == 0),
            seconds=self.seconds,
            every=0.5,
        )

    def _customer(self, method: str, path: str, body: object = None, headers: Any = None) -> Answer:
        url = self.outputs.apis["orders"] + path
        return call(method, url, body, token=self.outputs.tokens.customer, headers=headers)

    def _operator(self, method: str, service: str, path: str, body: object = None) -> Answer:
        return call(method, self.outputs.apis[service] + path, body, token=self.outputs.tokens.operator)


def _minor(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))
