"""One emulator for the whole session; every test module deploys a small stack of its own."""

import io
import json
import os
import signal
import subprocess
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.paths import EMULATOR_PYTHON, RUNTIME_PYTHON
from sandbox.processes import free_port

HERE = Path(__file__).parent
REGION = "eu-west-1"
SITE_PACKAGES = str(Path(boto3.__file__).parent.parent)
CODE_BUCKET, CODE_KEY = "embedded-tests-code", "functions.zip"
CODE = ("CodeBucket", "CodeKey", "SitePackages")
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def _until[T](condition: Callable[[], T], seconds: float = 15.0) -> T:
    """The first true answer of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s; last answer: {answer!r}")
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return _until


@dataclass(frozen=True, slots=True)
class Emulator:
    port: int
    process: subprocess.Popen[str]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, **credentials: str) -> Any:
        """With the administrator's credentials, unless others are given."""
        session: Any = boto3.session.Session()
        return session.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            **{"aws_access_key_id": "test", "aws_secret_access_key": "test", **credentials},
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
        )

    def stop(self, within: float = 10.0) -> int:
        """Its exit code; raises TimeoutExpired when it takes longer."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=within)


@pytest.fixture(scope="session")
def start_emulator(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Emulator]:
    def start(*options: str) -> Emulator:
        folder, port = tmp_path_factory.mktemp("emulator"), free_port()
        command = [str(EMULATOR_PYTHON), "-m", "embedded", "--port", str(port), "--region", REGION]
        command += ["--runtime", f"python3.13={RUNTIME_PYTHON}", "--log", str(folder / "log")]
        command += ["--pid-file", str(folder / "pid"), *options]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Embedded AWS is healthy"), line or (folder / "log").read_text()[-2000:]
        return Emulator(port, process, folder / "log")

    return start


@pytest.fixture(scope="session")
def emulator(start_emulator: Callable[..., Emulator]) -> Iterator[Emulator]:
    running = start_emulator("--idle-worker-seconds", "4")
    yield running
    if running.process.poll() is None:
        running.stop()
    if running.process.stdout:
        running.process.stdout.close()


@pytest.fixture(scope="session")
def aws(emulator: Emulator) -> Callable[[str], Any]:
    """A boto3 client of the administrator, by service name."""
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = emulator.client(service)
        return clients[service]

    return client


@pytest.fixture(scope="session")
def archive() -> bytes:
    """The test functions as a deployment package."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for source in (HERE / "functions").glob("*.py"):
            zipped.write(source, source.name)
    return archive.getvalue()


@pytest.fixture(scope="session")
def code(aws: Callable[[str], Any], archive: bytes) -> dict[str, str]:
    """The test functions in S3, as the parameters that every template of the tests takes."""
    location = {"LocationConstraint": REGION}
    aws("s3").create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration=location)
    aws("s3").put_object(Bucket=CODE_BUCKET, Key=CODE_KEY, Body=archive)
    return {"CodeBucket": CODE_BUCKET, "CodeKey": CODE_KEY, "SitePackages": SITE_PACKAGES}


@pytest.fixture(scope="session")
def layers(aws: Callable[[str], Any], code: dict[str, str]) -> None:
    """Two layers in S3 that both hold `layer_name.txt`."""
    for name in ("upper", "lower"):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("python/layer_name.txt", name)
        aws("s3").put_object(Bucket=CODE_BUCKET, Key=f"layer-{name}.zip", Body=archive.getvalue())


@pytest.fixture(scope="session")
def messages(aws: Callable[[str], Any]) -> Callable[[str], list[dict[str, Any]]]:
    """The JSON bodies now in a queue, which are taken out of it; the message itself is under `_message`."""

    def messages(url: str) -> list[dict[str, Any]]:
        received = (
            aws("sqs")
            .receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
            .get("Messages", [])
        )
        for message in received:
            aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [{**json.loads(message["Body"]), "_message": message} for message in received]

    return messages


@pytest.fixture(scope="session")
def ended(aws: Callable[[str], Any]) -> Callable[[str], Any]:
    """The execution, once it has come to its end."""

    def ended(execution: str) -> Any:
        def settled() -> Any:
            found = aws("stepfunctions").describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        return _until(settled)

    return ended


@pytest.fixture(scope="session")
def runs() -> Callable[[int], bool]:
    """Whether a process is there and more than a zombie, by its id."""

    def runs(pid: int) -> bool:
        stat = Path(f"/proc/{pid}/stat")
        return stat.exists() and stat.read_text().split()[2] != "Z"

    return runs


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    outputs: dict[str, str]
    resources: dict[str, str]
    """Physical ids by logical id."""
    parameters: tuple[str, ...]
    """Names of the parameters that it was given, besides those of the code."""

    def __getitem__(self, logical_id: str) -> str:
        return self.resources[logical_id]


@pytest.fixture(scope="session")
def deploy(aws: Callable[[str], Any], code: dict[str, str]) -> Callable[..., Stack]:
    """Create the stack of `templates/{name}.yaml`; fails with the reason of the resource that failed."""

    def deploy(template: str, **parameters: str) -> Stack:
        client, name = aws("cloudformation"), f"{template}-{uuid.uuid4().hex[:6]}"
        given = {**code, **parameters}
        client.create_stack(
            StackName=name,
            TemplateBody=(HERE / "templates" / f"{template}.yaml").read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=CAPABILITIES,
        )
        return _settled(client, name, "CREATE_COMPLETE")

    return deploy


@pytest.fixture(scope="session")
def update(aws: Callable[[str], Any], code: dict[str, str]) -> Callable[..., Stack]:
    """Update a stack that `deploy` made, with its template changed by a function of its text."""

    def update(stack: Stack, change: Callable[[str], str], wanted: str = "UPDATE_COMPLETE") -> Stack:
        template = HERE / "templates" / f"{stack.name.rpartition('-')[0]}.yaml"
        aws("cloudformation").update_stack(
            StackName=stack.name,
            TemplateBody=change(template.read_text()),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in code.items()]
            + [{"ParameterKey": key, "UsePreviousValue": True} for key in stack.parameters],
            Capabilities=CAPABILITIES,
        )
        return _settled(aws("cloudformation"), stack.name, wanted)

    return update


def _settled(client: Any, name: str, wanted: str) -> Stack:
    def ended() -> Any:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    stack = _until(ended, 60)
    if stack["StackStatus"] != wanted:
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        pytest.fail("\n".join(str(each) for each in events if "FAILED" in each["ResourceStatus"]))
    listed = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return Stack(
        name,
        {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
        {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed},
        tuple(
            each["ParameterKey"] for each in stack.get("Parameters", []) if each["ParameterKey"] not in CODE
        ),
    )
