"""Batches of partners: each order is settled once, and none holds back its neighbours."""

from collections.abc import Callable

from orders.domain.batches import Batch, BatchNotFound, Outcome
from orders.ports import Batches


def settle_batch(received: Batch, settle: Callable[[int], Outcome], *, batches: Batches) -> list[Outcome]:
    """Settle the orders, by position, that no delivery before this one settled; what became of them.

    Faults keep nobody waiting: they are raised as one ExceptionGroup at the end; the next delivery goes on.
    """
    batch = batches.opened(received)
    outcomes, faults = [], []
    for position in batch.waiting:
        try:
            outcome = settle(position)
            batches.record(batch, position, outcome)
        except Exception as fault:
            faults.append(fault)
        else:
            outcomes.append(outcome)
    if faults:
        raise ExceptionGroup("orders that could not be settled", faults)
    return outcomes


def get_batch(batch_id: str, *, customer_id: str, batches: Batches) -> Batch:
    """Raises BatchNotFound, also for somebody else's, and for one that is still on its way."""
    batch = batches.get(customer_id, batch_id)
    if batch is None:
        raise BatchNotFound("You have no such batch. One that was just sent is here in a moment: ask again.")
    return batch
