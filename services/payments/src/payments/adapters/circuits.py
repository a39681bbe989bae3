"""The circuit of each provider in DynamoDB, shared by all environments; and a provider behind its circuit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from jetbridge.kernel.clock import Clock, to_iso
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.dynamodb import Row, put_version, read_item
from jetbridge.runtime.observability import count, logger
from payments.adapters.stripe import OUTAGES, ProviderFault
from payments.domain.circuit import Circuit, CircuitRules
from payments.domain.payments import Payment, Refund
from payments.domain.reconciling import Charge
from payments.domain.refusals import PaymentDeclined
from payments.ports import Circuits, Provider, ProviderUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class CircuitRow(Row):
    version: int
    faults: int
    counted_since: datetime | None = None
    retry_at: datetime | None = None
    failed_trials: int


class DynamoCircuits:
    """One item, of the provider that is named `name`."""

    def __init__(self, client: "DynamoDBClient", table_name: str, name: str) -> None:
        self._client = client
        self._table_name = table_name
        self._name = name

    def get(self) -> Circuit:
        item = read_item(self._client, self._table_name, {"provider": self._name})
        return Circuit(**CircuitRow.model_validate(item).model_dump()) if item else Circuit()

    def save(self, circuit: Circuit) -> None:
        values = {
            "provider": self._name,
            "version": circuit.version,
            "faults": circuit.faults,
            "counted_since": to_iso(circuit.counted_since) if circuit.counted_since else None,
            "retry_at": to_iso(circuit.retry_at) if circuit.retry_at else None,
            "failed_trials": circuit.failed_trials,
        }
        put_version(self._client, self._table_name, values, "provider")


class GuardedProvider:
    """The provider, asked only while its circuit lets us. Raises ProviderUnavailable."""

    def __init__(self, provider: Provider, circuits: Circuits, rules: CircuitRules, clock: Clock) -> None:
        self._provider = provider
        self._circuits = circuits
        self._rules = rules
        self._clock = clock

    def charge(self, payment: Payment) -> str:
        return self._ask(lambda: self._provider.charge(payment))

    def refund(self, payment: Payment, refund: Refund) -> None:
        return self._ask(lambda: self._provider.refund(payment, refund))

    def give_back_stray(self, charge: Charge) -> None:
        return self._ask(lambda: self._provider.give_back_stray(charge))

    def has_refunded(self, payment: Payment, refund: Refund) -> bool:
        return self._ask(lambda: self._provider.has_refunded(payment, refund))

    def _ask[Result](self, question: Callable[[], Result]) -> Result:
        """A refusal is an answer too; so is a fault that is not an outage."""
        met = self._enter()
        try:
            result = question()
        except OUTAGES:
            self._note(lambda it: it.fail(self._clock(), self._rules, tried=met.retry_at is not None))
            raise
        except (PaymentDeclined, ProviderFault):
            self._answered(met)
            raise
        self._answered(met)
        return result

    def _enter(self) -> Circuit:
        """The circuit as we met it. Of those that meet it open and due, one may try."""
        circuit, now = self._circuits.get(), self._clock()
        if circuit.refuses(now):
            raise self._closed_to_us(circuit)
        if circuit.retry_at is not None:
            try:
                self._circuits.save(circuit.try_once(now, self._rules))
            except ConcurrentUpdate:
                raise self._closed_to_us(self._circuits.get()) from None
            logger.info("the provider is tried again")
        return circuit

    def _closed_to_us(self, circuit: Circuit) -> ProviderUnavailable:
        count("ProviderCircuitOpen")
        left = circuit.retry_at - self._clock() if circuit.retry_at else timedelta()
        return ProviderUnavailable(max(1, left // timedelta(seconds=1) + 1))

    def _answered(self, met: Circuit) -> None:
        if not met.is_at_rest:
            self._note(Circuit.close)

    def _note(self, change: Callable[[Circuit], Circuit]) -> None:
        """Versions only grow, so that this ends."""
        while True:
            circuit = self._circuits.get()
            changed = change(circuit)
            if changed == circuit:
                return
            try:
                self._circuits.save(changed)
            except ConcurrentUpdate:
                continue
            if changed.retry_at is not None:
                count("ProviderCircuitOpen")
                logger.warning("the provider is left alone", until=changed.retry_at)
            return
