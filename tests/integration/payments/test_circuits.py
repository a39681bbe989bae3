"""A provider behind its circuit, whose state all environments share."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
import urllib3
from moto import mock_aws

from jetbridge.kernel.errors import ConcurrentUpdate
from payments.adapters.circuits import DynamoCircuits, GuardedProvider
from payments.adapters.stripe import ProviderDown, ProviderFault
from payments.domain.circuit import Circuit, CircuitRules
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.domain.refusals import PaymentDeclined
from payments.ports import ProviderUnavailable
from tests.fakes.payments import NOON, FakeProvider, request, wanted_back
from tests.integration.tables import make_table

SECOND = timedelta(seconds=1)
RULES = CircuitRules(faults=3, window=60 * SECOND, wait=30 * SECOND, trial=60 * SECOND)
DOWN = ProviderDown("503")


class Environments:
    """Several environments of our functions, in front of one provider."""

    def __init__(self, circuits: DynamoCircuits) -> None:
        self.circuits = circuits
        self.provider = FakeProvider()
        self.now = NOON
        self.served = 0

    def charge(self) -> str:
        """A new environment charges a new reference."""
        self.served += 1
        guarded = GuardedProvider(self.provider, self.circuits, RULES, lambda: self.now)
        return guarded.charge(Payment.begun(request(f"order-{self.served}"), PaymentStatus.REQUESTED, NOON))

    def fail(self, *faults: Exception) -> None:
        for fault in faults:
            self.break_by(fault)
            with pytest.raises(type(fault)):
                self.charge()
            self.provider.during = lambda: None

    def break_by(self, fault: Exception) -> None:
        def during() -> None:
            raise fault

        self.provider.during = during


@pytest.fixture
def circuits() -> Iterator[DynamoCircuits]:
    with mock_aws():
        yield DynamoCircuits(boto3.client("dynamodb"), make_table("payments", "CircuitsTable"), "stripe")


@pytest.fixture
def environments(circuits: DynamoCircuits) -> Environments:
    return Environments(circuits)


def test_faults_of_all_environments_count_together_and_then_nobody_asks(environments: Environments) -> None:
    environments.fail(DOWN, urllib3.exceptions.ProtocolError("broken"), DOWN)
    asked = len(environments.provider.asked)
    with pytest.raises(ProviderUnavailable) as unavailable:
        environments.charge()
    assert unavailable.value.retry_in == 31
    assert len(environments.provider.asked) == asked


@pytest.mark.parametrize("answer", [PaymentDeclined("lost_card"), ProviderFault("400")])
def test_a_provider_that_answers_is_not_down_whatever_it_says(
    environments: Environments, answer: Exception
) -> None:
    environments.fail(DOWN, DOWN, answer, DOWN, DOWN, answer)
    assert environments.circuits.get().is_at_rest


def test_a_provider_that_is_well_costs_no_write(environments: Environments) -> None:
    environments.charge()
    assert environments.circuits.get() == Circuit()


def test_when_it_is_due_one_alone_tries_and_closes_it_for_all(environments: Environments) -> None:
    environments.fail(DOWN, DOWN, DOWN)
    environments.now += 30 * SECOND
    met_by_others: list[type[Exception]] = []

    def meanwhile() -> None:
        environments.provider.during = lambda: None
        for _ in range(2):
            with pytest.raises(ProviderUnavailable) as refused:
                environments.charge()
            met_by_others.append(refused.type)

    environments.provider.during = meanwhile
    environments.charge()
    assert len(met_by_others) == 2
    assert environments.circuits.get().is_at_rest
    environments.charge()


def test_of_two_who_read_that_it_is_due_one_is_refused(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments.fail(DOWN, DOWN, DOWN)
    environments.now += 30 * SECOND
    seen = environments.circuits.get()
    environments.circuits.save(seen.try_once(environments.now, RULES))
    later, reads = environments.circuits.get, iter([seen])
    monkeypatch.setattr(environments.circuits, "get", lambda: next(reads, None) or later())
    with pytest.raises(ProviderUnavailable):
        environments.charge()


def test_a_trial_that_fails_leaves_it_alone_for_longer(environments: Environments) -> None:
    environments.fail(DOWN, DOWN, DOWN)
    environments.now += 30 * SECOND
    environments.fail(DOWN)
    environments.now += 59 * SECOND
    with pytest.raises(ProviderUnavailable):
        environments.charge()
    environments.now += SECOND
    environments.charge()


def test_refunds_are_guarded_too(environments: Environments) -> None:
    environments.fail(DOWN, DOWN, DOWN)
    guarded = GuardedProvider(environments.provider, environments.circuits, RULES, lambda: NOON)
    wanted = wanted_back(Payment.begun(request(), PaymentStatus.REQUESTED, NOON).capture("pi_1", NOON))
    with pytest.raises(ProviderUnavailable):
        guarded.refund(wanted, wanted.refunds[0])
    with pytest.raises(ProviderUnavailable):
        guarded.has_refunded(wanted, wanted.refunds[0])


def test_a_version_of_a_circuit_is_written_once(circuits: DynamoCircuits) -> None:
    first = Circuit().fail(NOON, RULES, tried=False)
    circuits.save(first)
    assert circuits.get() == first
    with pytest.raises(ConcurrentUpdate):
        circuits.save(first)
