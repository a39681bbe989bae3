"""What the application does with real input, told and checked: a stock file, six customers, one table."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.api import Answer, call, download, expect, new_key, upload, wait_for
from sandbox.console import Progress, stage
from sandbox.outcome import Row
from sandbox.outputs import Outputs
from sandbox.paths import LOCAL
from sandbox.stock_file import PRODUCTS, make

_FILE_SECONDS = 180
_ENDS = {"CONFIRMED", "REJECTED", "CANCELLED", "FAILED", "SUCCEEDED", "DUPLICATE"}
_SEATS = 3


@dataclass(frozen=True)
class Story:
    """Plays on the APIs of `outputs` as a customer and an operator would; `seconds` is the patience."""

    outputs: Outputs
    seconds: float = 60

    def tell(self) -> Iterator[Row]:
        yield from self.stock_file()
        yield from self.orders()
        yield from self.bookings()

    def stock_file(self) -> Iterator[Row]:
        """10,000 rows, 100 of them bad; a new file in every run: the same one is not imported twice."""
        file, started = make(seed=time.time_ns()), time.monotonic()
        with stage("stock file") as progress:
            offer = expect(
                201, self._operator("POST", "inventory", "/inventory/imports", {"fileName": "stock.csv"})
            )
            upload(offer["upload"]["url"], offer["upload"]["fields"], file.content)
            path = f"/inventory/imports/{offer['importId']}"
            run = wait_for(
                lambda: self._import(path, file.rows, progress), _ended, seconds=_FILE_SECONDS, every=0.3
            )
            progress.show(1, f"{run['status']}: {run['rowsRead']:,} rows read")
        print(
            f"{'':46}{run['rowsWritten']:,} written, {run['rowsRejected']} rejected,"
            f" the reasons in {self._report(run)}"
        )
        wanted = f"SUCCEEDED {file.rows - file.bad_rows} + {file.bad_rows}"
        end = f"{run['status']} {run['rowsWritten'] + run['rowsUnchanged']} + {run['rowsRejected']}"
        yield Row("stock file: rows written + rejected", wanted, end, time.monotonic() - started)

    def _import(self, path: str, rows: int, progress: Progress) -> Any:
        run = expect(200, self._operator("GET", "inventory", path))
        done = run["rowsWritten"] + run["rowsUnchanged"] + run["rowsStale"] + run["rowsRejected"]
        progress.show(done / rows, f"{done:,} of {rows:,} rows")
        return run

    def _report(self, run: Any) -> Path:
        path = LOCAL / "reports" / f"{run['importId']}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(download(run["errorReport"]))
        return path.relative_to(LOCAL.parent)

    def orders(self) -> Iterator[Row]:
        """Enough stock and a good card; too little stock; a declined card, whose hold is given back."""
        product = PRODUCTS[0]
        before = self._stock(product)
        yield from self._order("order of 2, good card", product, 2, "pm_card_visa", "CONFIRMED")
        yield from self._order("order of 10,000", product, 10_000, "pm_card_visa", "REJECTED")
        yield from self._order("order of 3, declined card", product, 3, "pm_card_chargeDeclined", "CANCELLED")
        yield self._settled("stock after that: sold, held", "2, 0", lambda: self._moved(product, before))

    def _order(self, what: str, product: str, quantity: int, card: str, wanted: str) -> Iterator[Row]:
        body = {
            "items": [{"productId": product, "price": "1.90", "quantity": quantity}],
            "paymentMethod": card,
        }
        placed = self._customer("POST", "orders", "/orders", body)
        yield self._follow(what, wanted, "orders", expect(202, placed)["links"]["self"])

    def _stock(self, product: str) -> Any:
        return expect(200, self._customer("GET", "inventory", f"/inventory/{product}"))

    def _moved(self, product: str, before: Any) -> str:
        now = self._stock(product)
        return f"{before['onHand'] - now['onHand']}, {now['held'] - before['held']}"

    def bookings(self) -> Iterator[Row]:
        """Seats and a good card; more seats than there are; a declined card, whose seats are given back."""
        flight = f"JB-{int(time.time())}"
        made = {
            "origin": "ZRH",
            "destination": "LHR",
            "departsAt": "2030-06-01T09:30:00Z",
            "seatCapacity": _SEATS,
            "price": "129.00",
        }
        expect(200, self._operator("PUT", "bookings", f"/flights/{flight}", made))
        yield self._book("booking of 2 seats, good card", flight, 2, "pm_card_visa", "CONFIRMED")
        yield self._book("booking of 2 more seats", flight, 2, "pm_card_visa", "FAILED")
        yield self._book("booking of 1 seat, declined card", flight, 1, "pm_card_chargeDeclined", "FAILED")
        yield self._settled("seats left on the flight", "1", lambda: self._seats_left(flight))

    def _book(self, what: str, flight: str, seats: int, card: str, wanted: str) -> Row:
        body = {"flightId": flight, "seats": seats, "paymentMethod": card}
        booked = self._customer("POST", "bookings", "/bookings", body)
        return self._follow(what, wanted, "bookings", expect(202, booked)["links"]["self"])

    def _seats_left(self, flight: str) -> str:
        return str(
            expect(200, call("GET", f"{self.outputs.apis['bookings']}/flights/{flight}"))["seatsAvailable"]
        )

    def _follow(self, what: str, wanted: str, service: str, path: str) -> Row:
        """Look at an order or booking until it has ended."""
        started = time.monotonic()
        with stage(what) as progress:
            seen = wait_for(
                lambda: expect(200, self._customer("GET", service, path)), _ended, seconds=self.seconds
            )
            progress.show(1, seen["status"] + (f" ({seen['reason']})" if seen.get("reason") else ""))
        return Row(what, wanted, seen["status"], time.monotonic() - started)

    def _settled(self, what: str, wanted: str, look: Callable[[], str]) -> Row:
        """Look until what is wanted is there: the last events are still on their way."""
        started = time.monotonic()
        end = wait_for(look, lambda seen: seen == wanted, seconds=self.seconds)
        return Row(what, wanted, end, time.monotonic() - started)

    def _customer(self, method: str, service: str, path: str, body: object = None) -> Answer:
        url = self.outputs.apis[service] + path
        return call(method, url, body, token=self.outputs.tokens.customer, headers=new_key())

    def _operator(self, method: str, service: str, path: str, body: object = None) -> Answer:
        return call(method, self.outputs.apis[service] + path, body, token=self.outputs.tokens.operator)


def _ended(seen: Any) -> bool:
    return seen["status"] in _ENDS
