"""How much of the price goes back to a passenger who cancels, by the time that is left until departure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from jetbridge.kernel.money import Money


@dataclass(frozen=True, slots=True)
class RefundRules:
    """`tiers` are (hours before departure, percent): the one with the most hours that are left holds."""

    tiers: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `72:100,0:0`. Raises ValueError for anything else."""
        tiers = (tier.split(":") for tier in text.split(","))
        return cls(tuple(sorted(((int(hours), int(percent)) for hours, percent in tiers), reverse=True)))

    def refund(self, total: Money, left: timedelta) -> Money:
        """The part of `total` that goes back, rounded down to the minor unit."""
        percent = next((percent for hours, percent in self.tiers if left >= timedelta(hours=hours)), 0)
        return Money(total.minor * percent // 100, total.currency)
