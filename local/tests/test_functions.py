"""Functions run as on AWS: their own interpreter, role, layers, errors, logs; retries and destinations."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any], layers: None) -> Any:
    return deploy("functions")


@pytest.fixture(scope="module")
def invoke(aws: Callable[[str], Any], stack: Any) -> Callable[..., Any]:
    def invoke(name: str, event: Any = None, **more: Any) -> Any:
        return aws("lambda").invoke(FunctionName=stack[name], Payload=json.dumps(event), **more)

    return invoke


def payload(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())


def test_an_exceptions_class_is_the_error_type(invoke: Any) -> None:
    answer = invoke("FailingFunction", "lamps")
    error = payload(answer)
    assert answer["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("OutOfStock", "nothing left of lamps")
    assert "functions.py" in error["stackTrace"][0]


def test_a_module_that_is_missing_says_so(invoke: Any) -> None:
    error = payload(invoke("BrokenFunction"))
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'nowhere'" in error["errorMessage"]


def test_a_function_that_takes_too_long_is_ended(invoke: Any) -> None:
    error = payload(invoke("TimeoutFunction", {"seconds": 10}))
    assert error == {"errorMessage": "Task timed out after 1.00 seconds", "errorType": "Sandbox.Timedout"}


def test_half_an_answer_is_none(invoke: Any) -> None:
    answer = invoke("DyingFunction")
    assert answer["FunctionError"] == "Unhandled", payload(answer)


def test_the_environment_is_that_of_aws_and_nothing_of_the_emulator(invoke: Any, stack: Any) -> None:
    found = payload(invoke("DescribeFunction", Qualifier="live"))
    environment = found["environment"]
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
    assert environment["LAMBDA_TASK_ROOT"] == found["path"][0]
    assert found["arn"].endswith(":live")
    assert stack["DescribeFunctionRole"] in found["caller"]
    leaked = [
        name for name in environment if name.startswith("MINISTACK") or name in ("AUTH", "GATEWAY_PORT")
    ]
    assert leaked == []


def test_variables_that_a_template_has_as_numbers_are_text(invoke: Any, aws: Any, stack: Any) -> None:
    found = payload(invoke("DescribeFunction"))["environment"]
    told = aws("lambda").get_function_configuration(FunctionName=stack["DescribeFunction"])["Environment"]
    for variables in (found, told["Variables"]):
        assert (variables["ATTEMPTS"], variables["VERBOSE"]) == ("3", "true")


def test_layers_follow_the_code_and_the_last_layer_wins(invoke: Any) -> None:
    path = payload(invoke("DescribeFunction"))["path"]
    layers = [entry for entry in path if entry.endswith("/python")]
    names = [(Path(layer) / "layer_name.txt").read_text() for layer in layers]
    assert names == ["upper", "lower"]
    assert path.index(layers[0]) == 1


def test_a_role_without_permission_is_denied(invoke: Any) -> None:
    error = payload(invoke("DeniedFunction", {"pk": "x"}))
    assert error["errorType"] == "ClientError"
    assert "not authorized to perform: dynamodb:PutItem" in error["errorMessage"]


def test_a_role_with_permission_is_not(invoke: Any) -> None:
    assert "FunctionError" not in invoke("AllowedFunction", {"pk": "allowed"})


@pytest.mark.parametrize("name", ["TraceFunction", "UntracedFunction"])
def test_powertools_tracer_works_with_and_without_xray(invoke: Any, name: str) -> None:
    answer = invoke(name, {"a": 1}, LogType="Tail")
    assert payload(answer) == {"a": 1}
    assert "cannot find the current segment" not in base64.b64decode(answer["LogResult"]).decode()


def test_the_log_tail_has_start_end_and_report(invoke: Any) -> None:
    tail = base64.b64decode(invoke("EchoFunction", 1, LogType="Tail")["LogResult"]).decode()
    start, end, report = tail.splitlines()
    assert start.startswith("START RequestId: ")
    assert end.startswith("END RequestId: ")
    assert report.startswith("REPORT RequestId: ")


def test_logs_reach_cloudwatch(invoke: Any, aws: Any, stack: Any, until: Any) -> None:
    invoke("DescribeFunction")
    group, text = f"/aws/lambda/{stack['DescribeFunction']}", f"describing {stack['DescribeFunction']}"
    found = until(
        lambda: aws("logs").filter_log_events(logGroupName=group, filterPattern="describing")["events"]
    )
    assert text in found[0]["message"]


def test_a_warm_invocation_is_quick(invoke: Any) -> None:
    invoke("EchoFunction", 1)
    times = []
    for _ in range(10):
        started = time.monotonic()
        invoke("EchoFunction", 1)
        times.append(time.monotonic() - started)
    assert sorted(times)[5] < 0.04


def test_surplus_environments_of_a_burst_go_and_one_stays(invoke: Any, runs: Any, until: Any) -> None:
    with ThreadPoolExecutor(4) as clients:
        pids = set(clients.map(lambda _: payload(invoke("SleepFunction", {"seconds": 0.5})), range(4)))
    assert len(pids) == 4
    until(lambda: len([pid for pid in pids if runs(pid)]) == 1, 15)


def test_reserved_concurrency_of_none_stops_a_function(invoke: Any) -> None:
    with pytest.raises(ClientError) as refused:
        invoke("ReservedFunction")
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"


def test_a_success_reaches_its_destination(invoke: Any, messages: Any, stack: Any, until: Any) -> None:
    invoke("SucceedingFunction", {"n": 1}, InvocationType="Event", Qualifier="live")
    (record,) = until(lambda: messages(stack["Results"]))
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"].endswith(":live")
    assert record["requestPayload"] == record["responsePayload"] == {"n": 1}


def test_a_failure_is_retried_then_reaches_destination_and_dlq(
    invoke: Any, messages: Any, stack: Any, until: Any
) -> None:
    invoke("FailingFunction", {"n": 2}, InvocationType="Event")
    (record,) = until(lambda: messages(stack["Results"]))
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "OutOfStock"
    (lost,) = until(lambda: messages(stack["Lost"]))
    assert lost["n"] == 2
    assert lost["_message"]["MessageAttributes"]["ErrorMessage"]["StringValue"] == "nothing left of {'n': 2}"


def test_a_stream_function_loses_only_the_poison_record(
    aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    keys = ["r1", "r2", "poison", "r3", "r4"]
    items = [{"Put": {"TableName": stack["Table"], "Item": {"pk": {"S": key}}}} for key in keys]
    aws("dynamodb").transact_write_items(TransactItems=items)
    seen: list[str] = []

    def arrived() -> bool:
        seen.extend(message["key"] for message in messages(stack["Forwarded"]))
        return "r4" in seen

    until(arrived)
    assert [key for key in seen if key != "allowed"] == ["r1", "r2", "r3", "r4"]
    (lost,) = until(lambda: messages(stack["StreamDlq"]))
    assert lost["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert lost["DDBStreamBatchInfo"]["batchSize"] == 1


def test_embedded_metrics_become_metrics(invoke: Any, aws: Any, until: Any) -> None:
    invoke("MetricsFunction", {"namespace": "embedded-tests"})
    end = datetime.now(UTC) + timedelta(minutes=1)
    query = {"Namespace": "embedded-tests", "MetricName": "Orders", "Period": 3600, "Statistics": ["Sum"]}
    (point,) = until(
        lambda: aws("cloudwatch").get_metric_statistics(
            **query,
            Dimensions=[{"Name": "service", "Value": "tests"}],
            StartTime=end - timedelta(hours=1),
            EndTime=end,
        )["Datapoints"]
    )
    assert point["Sum"] == 3.5


def test_a_call_is_counted_by_role_operation_and_table(invoke: Any, aws: Any, stack: Any, until: Any) -> None:
    invoke("AllowedFunction", {"pk": "counted"})
    wanted = {"Operation": "dynamodb:PutItem", "Table": stack["Table"], "Role": stack["AllowedFunctionRole"]}

    def counted() -> Any:
        found = aws("cloudwatch").list_metrics(Namespace="Embedded", MetricName="Items")["Metrics"]
        return [{each["Name"]: each["Value"] for each in metric["Dimensions"]} for metric in found]

    until(lambda: wanted in counted())


def test_a_mapping_needs_a_role_that_may_read_its_source(aws: Any, stack: Any, update: Any) -> None:
    extra = """
  Unreadable:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref EchoFunction, EventSourceArn: !GetAtt Results.Arn}
"""
    update(stack, lambda text: text + extra, wanted="UPDATE_ROLLBACK_COMPLETE")
    events = aws("cloudformation").describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert any("does not have permissions to call ReceiveMessage on SQS" in each for each in reasons)


def test_a_burst_waits_for_warm_environments(invoke: Any) -> None:
    with ThreadPoolExecutor(30) as clients:
        pids = list(clients.map(lambda _: payload(invoke("SleepFunction", {"seconds": 0.05})), range(30)))
    assert len(set(pids)) <= 8
