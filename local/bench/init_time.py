"""Init time of every function as `sam build` made it, against an empty handler with the same tools.

Each sample is a fresh process with Lambda's layout: the function's folder and the layer on PYTHONPATH and
nothing else. It imports the handler and makes the DynamoDB client, which functions make when first called.
Time is the processor's: init is computing, and the clock would count other programs of the machine, too.
Rounds are interleaved, so that a slow moment of the machine meets all alike. The figure is the median.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

from sandbox.console import Progress, stage, table
from sandbox.paths import RUNTIME_PYTHON

ROUNDS = 5
_EMPTY = """
from aws_lambda_powertools import Logger, Metrics, Tracer
import boto3
boto3.client("dynamodb")
"""
_API = """
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel
class Body(BaseModel):
    number: int
"""
_CLIENT = "from jetbridge.runtime import aws; aws.client('dynamodb')"
_TIMED = "import time; s = time.process_time(); {code}; print(time.process_time() - s)"


@dataclass(frozen=True)
class Candidate:
    """`code` runs with `path` as the only folders beside the standard library."""

    name: str
    code: str
    path: tuple[Path, ...]

    def seconds(self) -> float:
        done = subprocess.run(
            [RUNTIME_PYTHON, "-c", _TIMED.format(code=self.code)],
            env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(map(str, self.path))},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(done.stdout.split()[-1])


ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "LAMBDA_TASK_ROOT": "/var/task",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "Jetbridge",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def candidates(build: Path) -> Iterator[Candidate]:
    """The baseline first, then one with a resolver and a model, then every function of every template."""
    layer = build / "Platform" / "SharedLayer" / "python"
    yield Candidate("empty handler", f"exec({_EMPTY!r})", (layer,))
    yield Candidate("empty handler of an API", f"exec({_EMPTY + _API!r})", (layer,))
    for template in sorted(build.glob("*/template.yaml")):
        for name, function in _functions(template):
            module = function["Handler"].rsplit(".", 1)[0]
            path = (template.parent / name, layer)
            yield Candidate(f"{template.parent.name}/{name}", f"import {module}; {_CLIENT}", path)


def report(build: Path) -> Iterator[str]:
    yield f"\nInit time in {ROUNDS} interleaved rounds, median; x is against an empty handler.\n"
    with stage("fresh processes") as progress:
        measured = measure(build, progress)
    base = measured["empty handler"]
    rows = [(name, f"{seconds * 1000:.0f}", f"{seconds / base:.2f}") for name, seconds in measured.items()]
    yield table(("function", "ms", "x"), rows)
    yield f"\nThe empty handler without .pyc files: {_without_pyc(build) / base:.2f} x."


def measure(build: Path, progress: Progress) -> dict[str, float]:
    """Name -> seconds, median over the rounds."""
    found = list(candidates(build))
    samples: dict[str, list[float]] = {each.name: [] for each in found}
    for number in range(ROUNDS):
        for done, each in enumerate(found):
            progress.show((number + done / len(found)) / ROUNDS, f"round {number + 1} of {ROUNDS}")
            samples[each.name].append(each.seconds())
    return {name: median(seconds) for name, seconds in samples.items()}


def _without_pyc(build: Path) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "build"
        shutil.copytree(build / "Platform", bare / "Platform", ignore=shutil.ignore_patterns("__pycache__"))
        empty = next(candidates(bare))
        return median(empty.seconds() for _ in range(ROUNDS))


def _functions(template: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    resources = yaml.load(template.read_text(), _Loader)["Resources"]  # noqa: S506 - a SafeLoader
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, resource["Properties"]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as their text; what they mean does not matter here."""


_Loader.add_multi_constructor("!", lambda _, suffix, node: f"{suffix} {node.value}")
