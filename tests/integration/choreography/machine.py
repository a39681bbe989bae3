"""Everything that may happen to the world, in any order, and the dust settling afterwards."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.integration.choreography.bank import DECLINED
from tests.integration.choreography.books import ENDS, audit
from tests.integration.choreography.clock import WorldTime
from tests.integration.choreography.mishaps import crash
from tests.integration.choreography.world import HOLD_TIME, STREAMS, Asked, World

PRICES = {"lamp": "19.99", "chair": "120.50"}
WISHES = [{"lamp": 1}, {"lamp": 3}, {"chair": 1}, {"lamp": 1, "chair": 2}, {"chair": 3}]
ROUNDS = 60  # of settling; far more than any order needs


@dataclass(frozen=True)
class Step:
    """`mishap` comes at the stop `due`; `pick` says of several messages, orders, executions which one."""

    what: str
    pick: int
    mishap: str
    due: int


# How often each happens; changes are told and messages delivered most of the time.
WHAT = {
    "tell all": 6,
    "deliver": 14,
    "place": 4,
    "cancel": 2,
    "tell again": 3,
    "deliver twice": 2,
    "deliver and keep": 3,
    "lose": 1,
    "ask again": 1,
    "sweep": 1,
    "provider is down": 1,
    "provider is away": 2,
    "reconcile": 1,
    "answer is lost": 2,
    "an hour's quarter": 1,
}
TROUBLE = {"provider is down": ["down"], "provider is away": ["down"] * 5, "answer is lost": ["lost"]}
DUE = (1, 1, 1, 1, 2, 3, 4)  # stops; most functions write once
MISHAPS = {"none": 3, "crash": 1, "meanwhile": 2}


def often(weights: dict[str, int]) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, weight in weights.items() for _ in range(weight)])


steps = st.builds(Step, often(WHAT), st.integers(0, 99), often(MISHAPS), st.sampled_from(DUE))


class Choreography(RuleBasedStateMachine):
    """Made anew for each run; `monkeypatch` is the test's, `seen` counts what happened in all runs.

    If one is `favoured`, each fourth step is that one, and the provider is never away for long.
    """

    monkeypatch: pytest.MonkeyPatch
    seen: Counter[str]
    favoured: str | None = None
    faults: int

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.monkeypatch, self.faults)
        self.asked: list[Asked] = []

    @rule(step=steps)
    def happen(self, step: Step) -> None:
        if self.favoured and (step.pick % 4 == 0 or step.what == "provider is away"):
            step = replace(step, what=self.favoured, pick=step.pick // 4)
        mishap = {"crash": crash, "meanwhile": lambda: self._meanwhile(step.pick)}.get(step.mishap)
        self.world.attempt(lambda: self._do(step), step.due, mishap)

    def teardown(self) -> None:
        self._settle()
        audit(self.world)
        self.seen.update(self.world.seen, held_back=self.world.queues.sent_again)

    def _meanwhile(self, pick: int) -> None:
        """Between two of our own steps another message is taken, or a customer cancels."""
        if pick % 2:
            self._cancel(pick // 2)
        else:
            self._deliver(pick // 2)

    def _cancel(self, pick: int) -> None:
        """An order that is still on its way, or else any."""
        placed = self.world.items("OrdersTable")
        if on_their_way := [order for order in placed if order["status"] not in ENDS] or placed:
            self.world.cancel(on_their_way[pick % len(on_their_way)]["order_id"])

    def _ask(self, step: Step) -> None:
        """What customers do."""
        match step.what:
            case "place":
                self.world.place(self._wish(step.pick))
            case "ask again" if self.asked:
                self.world.place(self.asked[step.pick % len(self.asked)])
            case "cancel":
                self._cancel(step.pick)

    def _do(self, step: Step) -> None:
        """What the machinery does; what is left is a customer's doing."""
        world = self.world
        match step.what:
            case "tell all" | "tell again":
                for table in STREAMS:
                    world.tell(table, back=3 if step.what == "tell again" else 0)
            case "deliver" | "deliver twice" | "deliver and keep":
                copies = 2 if step.what == "deliver twice" else 1
                self._deliver(step.pick, copies, forget=step.what != "deliver and keep")
            case "lose":
                for message in world.queues.receivable()[:1]:
                    message.hidden = True
            case "sweep":
                world.sweep()
            case "provider is down" | "provider is away" | "answer is lost":
                world.bank.trouble = TROUBLE[step.what].copy()
            case "reconcile":
                world.reconcile()
            case "an hour's quarter":
                WorldTime.advance(timedelta(minutes=16))
                world.queues.show_all()
            case _:
                self._ask(step)

    def _wish(self, pick: int) -> Asked:
        wish = WISHES[pick % len(WISHES)]
        items = [{"productId": name, "quantity": wish[name], "price": PRICES[name]} for name in wish]
        body = {"items": items, "paymentMethod": DECLINED if pick % 7 == 0 else "pm_card_visa"}
        self.asked.append(Asked(f"key-{len(self.asked)}", body))
        return self.asked[-1]

    def _deliver(self, pick: int, copies: int = 1, *, forget: bool = True) -> None:
        if waiting := self.world.queues.receivable():
            self.world.deliver(waiting[pick % len(waiting)], copies, forget=forget)

    def _settle(self) -> None:
        """No more mishaps; customers ask until they are answered; everything is told and delivered."""
        world = self.world
        world.bank.trouble = []
        WorldTime.advance(timedelta(minutes=1))
        world.await_provider()
        if len(self.asked) % 2:
            world.reconcile()  # before anything else heals what is in doubt
        for asked in self.asked:
            world.attempt(lambda asked=asked: world.place(asked))  # type: ignore[misc]
            assert world.answers[asked.key][-1][0] == 202, "every customer is answered"
        for _ in range(ROUNDS):
            self._calm()
            if all(order["status"] in ENDS for order in world.items("OrdersTable")):
                break
            WorldTime.advance(HOLD_TIME)
            world.attempt(world.sweep)
        self._calm()

    def _calm(self) -> None:
        """Tell and deliver until nothing is left to tell or to deliver."""
        world = self.world
        for _ in range(ROUNDS):
            world.queues.show_all()
            while any([world.tell(table) for table in STREAMS]):
                pass
            if not (waiting := world.queues.receivable()):
                return
            for message in reversed(waiting):  # the newest first: the bus keeps no order
                world.attempt(lambda message=message: world.deliver(message))  # type: ignore[misc]
        raise AssertionError(f"never taken: {[message.queue for message in world.queues.waiting]}")
