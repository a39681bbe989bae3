"""What customers and operators do, in one line each."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sandbox.api import Answer, call, expect, new_key, upload, wait_for
from sandbox.outputs import Outputs

ENDS = {"CONFIRMED", "PARTLY_CONFIRMED", "REJECTED", "CANCELLED", "FAILED", "SUCCEEDED", "DUPLICATE"}


@dataclass(frozen=True)
class Clients:
    outputs: Outputs

    def as_customer(
        self, method: str, service: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        url = self.outputs.apis[service] + path
        return call(method, url, body, token=self.outputs.tokens.customer, headers=headers or new_key())

    def as_other(self, method: str, service: str, path: str) -> Answer:
        return call(method, self.outputs.apis[service] + path, token=self.outputs.tokens.other_customer)

    def as_operator(self, method: str, service: str, path: str, body: object = None) -> Answer:
        return call(method, self.outputs.apis[service] + path, body, token=self.outputs.tokens.operator)

    def stock(self, quantity: int, product: str | None = None) -> str:
        """Import a file of one row; the product is then in stock."""
        product = product or f"P-{uuid4().hex[:8]}"
        rows = f"product_id,location,quantity,update_date\n{product},ZRH,{quantity},2026-11-20\n"
        offer = expect(
            201, self.as_operator("POST", "inventory", "/inventory/imports", {"fileName": "one.csv"})
        )
        upload(offer["upload"]["url"], offer["upload"]["fields"], rows.encode())
        run = self.ended("inventory", f"/inventory/imports/{offer['importId']}", operator=True)
        assert run["status"] == "SUCCEEDED", run
        return product

    def level(self, product: str) -> tuple[int, int, int]:
        """On hand, held, available."""
        seen = expect(200, self.as_customer("GET", "inventory", f"/inventory/{product}"))
        return seen["onHand"], seen["held"], seen["available"]

    def place(self, product: str, quantity: int, card: str | None = None) -> str:
        return self.place_all({product: quantity}, card)

    def place_all(self, quantities: dict[str, int], card: str | None = None) -> str:
        """An order of several products."""
        items = [
            {"productId": product, "price": "2.50", "quantity": quantity}
            for product, quantity in quantities.items()
        ]
        body = {"items": items}
        answer = self.as_customer(
            "POST", "orders", "/orders", body | ({"paymentMethod": card} if card else {})
        )
        return str(expect(202, answer)["orderId"])

    def flight(self, seats: int, departs_at: str = "2030-06-01T09:30:00Z") -> str:
        flight = f"JB-{uuid4().hex[:8]}"
        made = {
            "origin": "ZRH",
            "destination": "LHR",
            "departsAt": departs_at,
            "seatCapacity": seats,
            "price": "129.00",
        }
        expect(200, self.as_operator("PUT", "bookings", f"/flights/{flight}", made))
        return flight

    def book(self, flight: str, seats: int, card: str | None = None, *, transfer: str | None = None) -> str:
        body: dict[str, Any] = {"flightId": flight, "seats": seats}
        body |= {"paymentMethod": card} if card else {}
        body |= {"transfer": {"pickup": transfer}} if transfer else {}
        return str(expect(202, self.as_customer("POST", "bookings", "/bookings", body))["bookingId"])

    def seats_left(self, flight: str) -> int:
        seen = call("GET", f"{self.outputs.apis['bookings']}/flights/{flight}")
        return int(expect(200, seen)["seatsAvailable"])

    def order(self, order_id: str, seconds: float = 60) -> Any:
        return self.ended("orders", f"/orders/{order_id}", seconds=seconds)

    def booking(self, booking_id: str, seconds: float = 60) -> Any:
        return self.ended("bookings", f"/bookings/{booking_id}", seconds=seconds)

    def ended(self, service: str, path: str, *, operator: bool = False, seconds: float = 60) -> Any:
        """What is at `path`, once it has come to an end."""
        ask = self.as_operator if operator else self.as_customer
        seen = wait_for(
            lambda: expect(200, ask("GET", service, path)),
            lambda found: found["status"] in ENDS,
            seconds=seconds,
        )
        assert seen["status"] in ENDS, f"still {seen['status']} after {seconds} s: {seen}"
        return seen

    def book_group(self, *entries: tuple[str, int, str], all_or_nothing: bool = True) -> Any:
        """Of (flight, seats, card)."""
        asked = [
            {"flightId": flight, "seats": seats, "paymentMethod": card} for flight, seats, card in entries
        ]
        body = {"allOrNothing": all_or_nothing, "entries": asked}
        return expect(202, self.as_customer("POST", "bookings", "/bookings/groups", body))

    def group(self, group_id: str, seconds: float = 60) -> Any:
        return self.ended("bookings", f"/bookings/groups/{group_id}", seconds=seconds)

    def money(self, reference: str) -> dict[str, Decimal]:
        """What the card processor took and gave back, for one order or booking."""
        seen = expect(200, self.as_operator("GET", "payment_provider", f"/calls?reference={reference}"))
        sums = dict.fromkeys(("charged", "refunded"), Decimal(0))
        for entry in seen["calls"]:
            if entry["outcome"] in sums:
                sums[entry["outcome"]] += Decimal(entry["amount"])
        return sums

    def calls(self, reference: str) -> Counter[str]:
        """How often the card processor did what, for one order or booking: by outcome."""
        seen = expect(200, self.as_operator("GET", "payment_provider", f"/calls?reference={reference}"))
        return Counter(entry["outcome"] for entry in seen["calls"])
