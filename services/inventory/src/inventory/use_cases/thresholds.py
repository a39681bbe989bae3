"""Below how much a product is low: decided by operators, taken over by each of its levels."""

from collections.abc import Iterable

from inventory.domain.levels import Cause, Change, Level, Place, Threshold
from inventory.ports import Stock, Thresholds
from jetbridge.kernel.contention import Pause, again
from jetbridge.kernel.errors import NotFound


def set_threshold(
    product_id: str, units: int, *, cause: Cause, stock: Stock, thresholds: Thresholds, pause: Pause
) -> list[Level]:
    """The product's levels as they are then. Set again, it changes nothing but levels that lag behind.

    Raises NotFound for a product without levels, ConcurrentUpdate.
    """
    if not stock.levels_of(product_id):
        raise NotFound("There is no such product.")
    decided = again(lambda: _decide(product_id, units, thresholds), pause=pause)
    # Read after the decision was written: a level that comes later finds it.
    return [
        _bring(level.place, decided, cause=cause, stock=stock, pause=pause)
        for level in stock.levels_of(product_id)
    ]


def adopt_thresholds(
    places: Iterable[Place], *, cause: Cause, stock: Stock, thresholds: Thresholds, pause: Pause
) -> None:
    """Let levels that are new take over what was decided for their products. Raises ConcurrentUpdate.

    To be called after they were written: a decision either finds them, or is found here.
    """
    new = list(places)
    decided = thresholds.of({place.product_id for place in new}) if new else {}
    for place in new:
        if place.product_id in decided:
            _bring(place, decided[place.product_id], cause=cause, stock=stock, pause=pause)


def _decide(product_id: str, units: int, thresholds: Thresholds) -> Threshold:
    before = thresholds.of([product_id]).get(product_id)
    if before and before.units == units:
        return before
    decided = Threshold(product_id, units, version=before.version + 1 if before else 1)
    thresholds.save(decided)
    return decided


def _bring(place: Place, decided: Threshold, *, cause: Cause, stock: Stock, pause: Pause) -> Level:
    def attempt() -> Level:
        level = stock.levels_at([place])[place]
        if level.threshold_version >= decided.version:
            return level
        change = Change.of(level, level.warn_below(decided, cause))
        stock.save_level(change)
        return change.new

    return again(attempt, pause=pause)
