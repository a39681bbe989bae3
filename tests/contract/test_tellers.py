"""Each service tells exactly the events that are its own, and only through its table's stream."""

from pathlib import Path

import pytest

from checks.catalogue import producer_of
from checks.templates import PATHS, ROOT, Template, load, names_in
from jetbridge.contracts.registry import EVENTS
from tests.contract.sources import aws_calls_in, events_named_in, handlers_of

PRODUCERS = sorted({producer_of(event) for event in EVENTS.values()})
RELAY = ROOT / "services/payments/src/payments/adapters/sns.py"
CODE = sorted([*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/jetbridge/**/*.py")])


@pytest.mark.parametrize("service", PRODUCERS)
def test_what_a_services_changes_become_is_every_event_of_its_own_and_no_other(service: str) -> None:
    told = events_named_in([path for path in handlers_of(service) if path.stem.endswith("_changes")])
    own = {name for name, event in EVENTS.items() if producer_of(event) == service}
    assert told == own


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_publishes_but_the_relay_of_payments(path: Path) -> None:
    published = aws_calls_in(path) & {"put_events", "publish", "publish_batch"}
    assert published == ({"publish_batch"} if path == RELAY else set())


@pytest.mark.parametrize("template", [load(path) for path in PATHS], ids=lambda template: template.name)
def test_only_pipes_may_put_events_on_the_bus(template: Template) -> None:
    pipes = [
        pipe
        for pipe in template.resources("Pipes::Pipe").values()
        if "EventBridgeEventBusParameters" in pipe.get("TargetParameters", {})
    ]
    roles = set().union(*(names_in(pipe["RoleArn"]) for pipe in pipes))
    tellers = {
        name for name, statement in template.policy_statements() if "events:PutEvents" in str(statement)
    }
    assert tellers == roles


@pytest.mark.parametrize("service", sorted(set(PRODUCERS) - {"payments"}))
def test_a_pipe_tells_under_the_services_own_name_what_the_event_says_of_itself(service: str) -> None:
    template = load(ROOT / "services" / service / "template.yaml")
    (pipe,) = template.resources("Pipes::Pipe").values()
    assert pipe["TargetParameters"]["EventBridgeEventBusParameters"] == {
        "Source": f"jetbridge.{service}",
        "DetailType": "$.metadata.type",
        "Time": "$.metadata.occurred_at",
    }
    (teller,) = names_in(pipe["Enrichment"])
    assert template.functions()[teller]["Handler"].endswith("_changes.handler")
