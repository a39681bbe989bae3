"""What the customers of a rush want: many products, two of them nearly sold out, some bad cards."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

PRODUCTS = 12
SOLD_OUT = 2  # so many of them have far too few units
FEW_UNITS = 5
RETRIED, FAULTY, DECLINED = 0.10, 0.05, 0.05
FAULTS = ("pm_test_error_twice", "pm_test_answer_lost")


@dataclass(frozen=True)
class Wish:
    """What one customer is going to order; an impatient one sends it twice at once, under one key."""

    product: str
    quantity: int
    card: str
    impatient: bool


def wishes(count: int, seed: int) -> tuple[dict[str, int], list[Wish]]:
    """Units to load by product, and the orders of the rush; the same for the same count and seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    products = [f"RUSH-{seed}-{number:02}" for number in range(PRODUCTS)]
    wished = [_wish(chance, products) for _ in range(count)]
    return {each: FEW_UNITS if each in products[:SOLD_OUT] else 10 * count for each in products}, wished


def _wish(chance: random.Random, products: Sequence[str]) -> Wish:
    luck = chance.random()
    card = "pm_card_visa"
    if luck < FAULTY:
        card = chance.choice(FAULTS)
    elif luck < FAULTY + DECLINED:
        card = "pm_card_chargeDeclined"
    return Wish(chance.choice(products), chance.randint(1, 3), card, chance.random() < RETRIED)
