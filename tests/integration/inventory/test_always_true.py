"""What is always true of stock, over real use cases and tables: whatever comes twice, late, or breaks off."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from inventory.adapters.dynamo_ledger import DynamoLedger
from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.adapters.dynamo_products import DynamoThresholds
from inventory.adapters.dynamo_runs import DynamoRuns
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.adapters.hold_items import HoldItem
from inventory.domain.files import StoredFile
from inventory.domain.holds import MOVES, Hold, HoldStatus
from inventory.domain.imports import Run, RunStatus
from inventory.domain.levels import Cause
from inventory.domain.packs import Pack
from inventory.use_cases.counting import count_pack
from inventory.use_cases.holding import expire_holds, hold_stock, release_hold, sell_hold
from inventory.use_cases.thresholds import set_threshold
from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.errors import NotFound
from jetbridge.runtime import aws
from tests.fakes.deadlines import always
from tests.fakes.inventory import no_pause
from tests.integration import rollback
from tests.integration.examples import SAME_EACH_TIME
from tests.integration.inventory.bugs import BUGS, Plant
from tests.integration.tables import items_of, make_table

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEEP = timedelta(minutes=15)
WRITES = {"transact_write_items", "batch_write_item", "put_item", "update_item"}
PRODUCTS = st.sampled_from(["lamp", "chair"])
PLACES = st.sampled_from(["LHR", "JFK"])
ORDERS = st.sampled_from(["order-1", "order-2", "order-3"])
LIFE = st.lists(st.sampled_from(["place", "place", "count", "confirm", "cancel"]), min_size=1, max_size=4)
# Sometimes less than is held, and often older than what was there before.
ROWS = st.lists(
    st.tuples(PRODUCTS, PLACES, st.sampled_from([0, 1, 9, 20]), st.integers(0, 2)), min_size=2, max_size=4
)
LINES = st.lists(st.tuples(PRODUCTS, st.integers(1, 4)), min_size=1, max_size=3)
CRASHES = st.one_of(st.none(), st.tuples(st.integers(0, 4), st.booleans()))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    rollback.make_cheap(monkeypatch)


class Breaking:
    """A client whose n-th write from now breaks off: before it took effect, or after."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.crash: tuple[int, bool] | None = None

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        return call if name not in WRITES else lambda **given: self._write(call, given)

    def _write(self, call: Callable[..., Any], given: dict[str, Any]) -> Any:
        number, after = self.crash or (None, False)
        if number == 0 and not after:
            raise ConnectionError("never arrived")
        answer = call(**given)
        if number == 0:
            raise ConnectionError("the answer was lost")
        self.crash = (number - 1, after) if number else None
        return answer


class Stock(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.client = Breaking(aws.client("dynamodb"))
        self.client.delete_table(TableName="StockTable")  # of the example before
        table = make_table("inventory", "StockTable", self.client)
        self.stock = DynamoStock(self.client, table)  # type: ignore[arg-type]
        self.ledger = DynamoLedger(self.client, table)  # type: ignore[arg-type]
        self.packs = DynamoPacks(self.client, table, KEEP)  # type: ignore[arg-type]
        self.runs = DynamoRuns(self.client, table, KEEP)  # type: ignore[arg-type]
        self.thresholds = DynamoThresholds(self.client, table)  # type: ignore[arg-type]
        self.now = NOON
        self.sent: list[Pack] = []
        self.asked: dict[str, list[tuple[str, int]]] = {}
        self.seen: dict[str, HoldStatus] = {}
        self.revisions: dict[tuple[str, str], str] = {}

    def unless_it_breaks(self, crash: tuple[int, bool] | None, do: Callable[[], object]) -> None:
        self.client.crash = crash
        with suppress(ConnectionError, NotFound, ExceptionGroup):  # it comes again, if a later step says so
            do()
        self.client.crash = None

    def cause(self, order_id: str) -> Cause:
        return Cause(order_id, "request-1", "event-1", self.now)

    @rule(rows=ROWS, crash=CRASHES)
    def import_a_file(self, rows: list[tuple[str, str, int, int]], crash: tuple[int, bool] | None) -> None:
        self.read(rows)
        self.unless_it_breaks(crash, lambda: self.write(self.sent[-1]))

    def read(self, rows: list[tuple[str, str, int, int]]) -> None:
        import_id, self.now = f"import-{len(self.sent)}", self.now + timedelta(minutes=1)
        file = StoredFile("bucket", import_id, import_id, 1, "1")
        self.runs.add(
            Run(import_id, import_id, RunStatus.RUNNING, "c", "c", self.now, file=file, started_at=self.now)
        )
        lines = tuple(
            (line, product, place, quantity, to_iso(NOON + timedelta(days=day)))
            for line, (product, place, quantity, day) in enumerate(rows, 2)
        )
        self.sent.append(Pack(import_id, 0, self.now, "c", lines))

    @initialize()
    def there_is_stock(self) -> None:
        self.read([(product, "LHR", 9, 1) for product in ("lamp", "chair")])
        self.write(self.sent[0])

    @rule(data=st.data(), crash=CRASHES)
    def write_a_pack_again(self, data: st.DataObject, crash: tuple[int, bool] | None) -> None:
        pack = data.draw(st.sampled_from(self.sent))
        self.unless_it_breaks(crash, lambda: self.write(pack))

    def write(self, pack: Pack) -> None:
        count_pack(
            pack,
            threshold=2,
            packs=self.packs,
            stock=self.stock,
            thresholds=self.thresholds,
            ledger=self.ledger,
            runs=self.runs,
            clock=lambda: self.now,
            pause=no_pause,
        )

    @rule(product=PRODUCTS, units=st.integers(0, 5), crash=CRASHES)
    def decide_a_threshold(self, product: str, units: int, crash: tuple[int, bool] | None) -> None:
        self.unless_it_breaks(crash, lambda: self.decide(product, units))

    def decide(self, product: str, units: int) -> None:
        cause = self.cause("operator-1")
        set_threshold(
            product, units, cause=cause, stock=self.stock, thresholds=self.thresholds, pause=no_pause
        )

    # One rule, since Hypothesis leaves some out of each example: nothing comes of a life without its start.
    @rule(order_id=ORDERS, happens=LIFE, lines=LINES, crash=CRASHES)
    def an_order_is_told_of_maybe_again(
        self, order_id: str, happens: list[str], lines: list[tuple[str, int]], crash: tuple[int, bool] | None
    ) -> None:
        for what in happens:
            self.unless_it_breaks(crash, partial(getattr(self, what), order_id, lines))
            self.all_that_is_written_agrees()

    def place(self, order_id: str, lines: list[tuple[str, int]]) -> None:
        asked, cause = self.asked.setdefault(order_id, lines), self.cause(order_id)
        hold_stock(order_id, asked, keep=KEEP, cause=cause, stock=self.stock, pause=no_pause)

    def count(self, _: str, lines: list[tuple[str, int]]) -> None:
        """Less is there than an order may hold."""
        crash, self.client.crash = self.client.crash, None
        self.read([(product, "LHR", 0, 2) for product in dict(lines)])
        self.client.crash = crash
        self.write(self.sent[-1])

    def confirm(self, order_id: str, _: object) -> None:
        cause = self.cause(order_id)
        sell_hold(order_id, confirmed_at=self.now, cause=cause, stock=self.stock, pause=no_pause)

    def cancel(self, order_id: str, _: object) -> None:
        release_hold(order_id, cause=self.cause(order_id), stock=self.stock, pause=no_pause)

    @rule(minutes=st.integers(1, 20), crash=CRASHES)
    def time_passes_and_holds_expire(self, minutes: int, crash: tuple[int, bool] | None) -> None:
        self.now += timedelta(minutes=minutes)
        self.unless_it_breaks(
            crash, lambda: expire_holds(moment=self.now, going_on=always, stock=self.stock, pause=no_pause)
        )

    @invariant()
    def all_that_is_written_agrees(self) -> None:
        kinds = defaultdict(list)
        for item in items_of("StockTable"):
            kinds[item.get("kind")].append(item)
        self.no_hold_has_two_ends([HoldItem.model_validate(item).to_hold() for item in kinds["HOLD"]])
        self.a_run_counts_each_row_once(kinds["RUN"])
        held: Counter[tuple[str, str]] = Counter()
        for hold in kinds["HOLD"]:
            for line in hold["lines"] if hold["status"] == HoldStatus.HELD else ():
                held[line["product_id"], line["location"]] += line["quantity"]
        for level in kinds["LEVEL"]:
            self.level_is_what_holds_and_ledger_say(level, kinds["LEDGER"], held)

    def teardown(self) -> None:
        """What broke off comes again; then every level has what was decided for its product."""
        for pack in self.sent:
            self.write(pack)
        for product, decided in self.thresholds.of(["lamp", "chair"]).items():
            self.decide(product, decided.units)
            levels = self.stock.levels_of(product)
            assert {(level.threshold, level.threshold_version) for level in levels} == {
                (decided.units, decided.version)
            }

    def level_is_what_holds_and_ledger_say(
        self, level: dict[str, Any], ledger: list[dict[str, Any]], held: Counter[tuple[str, str]]
    ) -> None:
        place = (level["product_id"], level["location"])
        assert level["on_hand"] >= level["held"] >= 0, "less on hand than held"
        assert level["held"] == held[place], "held is not what holds say"
        assert level["revision"] >= self.revisions.get(place, ""), "an older row came back"
        self.revisions[place] = level["revision"]
        earlier = [
            entry
            for entry in ledger
            if (entry["product_id"], entry["location"]) == place and entry["version"] < level["version"]
        ]
        for unit in ("on_hand", "held"):
            moved = sum(entry[f"{unit}_change"] for entry in [*earlier, level])
            assert level[unit] == moved, "the ledger does not add up"
        moves = [
            _moved_by(each) for each in [*earlier, level] if each["on_hand_change"] or each["held_change"]
        ]
        for (cause, reason), times in Counter(moves).items():
            assert times == 1, f"{reason} of {cause} moved a level twice"
        brought: Counter[str] = Counter()
        for each in [*earlier, level]:
            if each["reference"] in self.asked:
                brought[each["reference"]] += each["on_hand_change"]
        assert max(brought.values(), default=0) <= 0, "an order brought units"

    def no_hold_has_two_ends(self, holds: list[Hold]) -> None:
        for hold in holds:
            before = self.seen.get(hold.order_id, hold.status)
            assert hold.status == before or hold.status in MOVES[before], "a hold has two ends"
            self.seen[hold.order_id] = hold.status
            if hold.status == HoldStatus.EXPIRED:
                assert hold.expires_at, hold
                assert hold.expires_at <= self.now, "a hold expired before its time"

    def a_run_counts_each_row_once(self, runs: list[dict[str, Any]]) -> None:
        sent = {pack.import_id: len(pack.rows) for pack in self.sent}
        for run in runs:
            accounted = sum(run.get(f"rows_{what}", 0) for what in ("written", "unchanged", "stale"))
            assert accounted in {0, sent[run["import_id"]]}, "a run counts a row twice"


def _moved_by(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["reference"], entry["reason"]


TestStock = Stock.TestCase
TestStock.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=BUGS[plant]):
        run_state_machine_as_test(
            Stock,
            # Most need less than twenty examples.
            settings=settings(SAME_EACH_TIME, max_examples=300, stateful_step_count=20),
        )
