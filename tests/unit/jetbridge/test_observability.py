"""What is logged of an invocation: its context, and nothing personal."""

import json
from io import StringIO
from typing import Any

import pytest

from jetbridge.runtime.observability import correlate, count, logger, observed
from tests.lambda_events import context


def hellos(log: StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "hello"]


def test_a_log_line_says_which_request_and_which_transaction(log: StringIO) -> None:
    @observed
    def handler(event: dict[str, Any], _: Any) -> str:
        correlate("correlation-1")
        logger.info("hello")
        return "done"

    invocation = context()
    assert handler({"card": "4242"}, invocation) == "done"
    (said,) = hellos(log)
    assert said["correlation_id"] == "correlation-1"
    assert said["function_request_id"] == invocation.aws_request_id
    assert "4242" not in log.getvalue()


def test_one_invocation_does_not_log_under_the_ids_of_another(log: StringIO) -> None:
    @observed
    def handler(event: dict[str, Any], _: Any) -> None:
        if event["first"]:
            correlate("correlation-1")
        logger.info("hello")

    handler({"first": True}, context())
    handler({"first": False}, context())
    assert [said.get("correlation_id") for said in hellos(log)] == ["correlation-1", None]


def test_counts_leave_as_metrics_of_the_invocation(capsys: pytest.CaptureFixture[str]) -> None:
    @observed
    def handler(event: dict[str, Any], _: Any) -> None:
        count("DesksSold")
        count("DesksSold", 2)

    handler({}, context())
    (told,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line)
    assert told["DesksSold"] == [1.0, 2.0]
    assert told["service"] == "test"


def test_a_fault_reaches_lambda_and_is_not_swallowed() -> None:
    @observed
    def handler(event: dict[str, Any], _: Any) -> None:
        raise RuntimeError("fault")

    with pytest.raises(RuntimeError, match="fault"):
        handler({}, context())
