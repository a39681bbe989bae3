"""The steps of ReconcilePayments, from their samples, and who may start it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from jetbridge.runtime import aws
from payments import bootstrap
from payments.adapters.differences import LoggedDifferences
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.domain.reconciling import Charge, ChargeStatus
from payments.handlers import compare_payments, compare_provider, start_reconciliation
from payments.use_cases.reconciling import Reconciliation
from tests.fakes.payments import NOON, FakeProvider, request
from tests.integration.payments.conftest import Aws
from tests.lambda_events import context
from tests.samples import samples_of

sample = samples_of("payments")
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ReconcilePayments"


class Books:
    def __init__(self, charges: Sequence[Charge]) -> None:
        self._charges = charges

    def charges(self, since: datetime, until: datetime, cursor: str | None) -> Page[Charge]:
        return Page(self._charges, None)

    def has_charge(self, charge_id: str) -> bool:
        return any(it.id == charge_id for it in self._charges)


@pytest.fixture
def reconciling(aws: Aws, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> list[Charge]:
    charges: list[Charge] = []
    office = Reconciliation(bootstrap.payments(), provider, Books(charges), LoggedDifferences(), utc_now)
    monkeypatch.setattr(bootstrap, "reconciliation", lambda: office)
    return charges


def begin(reference: str, at: datetime) -> None:
    bootstrap.payments().begin(Payment.begun(request(reference), PaymentStatus.REQUESTED, at))


def run(step: dict[str, Any], handler: Any) -> dict[str, Any]:
    """As the state machine does: again, until there is no cursor."""
    while True:
        step = handler(step, context())
        if step["cursor"] is None:
            return json.loads(json.dumps(step))  # type: ignore[no-any-return]


def test_an_empty_start_is_about_three_days_and_heals_what_the_provider_knows(
    reconciling: list[Charge],
) -> None:
    begin("order-1", utc_now() - timedelta(days=1))
    reconciling.append(Charge("pi_1", "order-1", Money(5025, "USD"), ChargeStatus.CAPTURED))
    done = run(sample("compare_provider"), compare_provider.handler)
    assert (done["checked"], done["different"], done["healed"]) == (1, 1, 1)
    span = datetime.fromisoformat(done["until"]) - datetime.fromisoformat(done["since"])
    assert span == timedelta(days=3)
    assert bootstrap.payments().get("order-1").status == "CAPTURED"


def test_our_payments_of_each_day_are_compared_to_the_last_page(reconciling: list[Charge]) -> None:
    now = utc_now()
    for number in range(120):
        begin(f"order-{number}", now - timedelta(hours=number))
    step = {
        "since": (now - timedelta(hours=71.5)).isoformat(),
        "until": (now - timedelta(hours=1)).isoformat(),
    }
    done = run(step, compare_payments.handler)
    assert done["checked"] == 71
    assert done["different"] == done["healed"] == 46, "those whose keys are dead, begun 25 to 71 hours ago"
    assert len(done["differences"]) == 46
    assert bootstrap.payments().get("order-26").reason == "never_charged"
    assert bootstrap.payments().get("order-24").status == "REQUESTED"


def test_the_sample_of_a_later_step_goes_on_counting(reconciling: list[Charge]) -> None:
    done = run(sample("compare_payments"), compare_payments.handler)
    assert (done["checked"], done["different"], len(done["differences"])) == (100, 1, 1)


def test_operators_start_it_and_customers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_ORIGIN", "*")
    monkeypatch.setenv("RECONCILIATION_ARN", MACHINE)
    event = sample("post_reconciliation")
    name = event["requestContext"]["requestId"]
    began = {"executionArn": f"{MACHINE}:{name}", "startDate": NOON}
    asked = {"stateMachineArn": MACHINE, "name": name, "input": "{}"}
    with Stubber(aws.client("stepfunctions")) as step_functions:
        step_functions.add_response("start_execution", began, asked)
        answer = start_reconciliation.handler(event, context())
        assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"reconciliationId": name})
        refused = start_reconciliation.handler(sample("post_reconciliation_by_customer"), context())
        assert refused["statusCode"] == 403
        step_functions.assert_no_pending_responses()
