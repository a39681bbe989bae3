"""Init time of every function as `sam build` made it, against an empty handler with the same tools.

Each sample is a fresh process with Lambda's layout: the function's folder and the layer on PYTHONPATH and
nothing else. It imports the handler and makes the DynamoDB client, which functions make when first called.
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
_EMPTY = "from aws_lambda_powertools import Logger, Metrics, Tracer\nimport boto3\nboto3.client('dynamodb')\n"
_CLIENT = "from jetbridge.runtime import aws; aws.client('dynamodb')"
_TIMED = "import time; s = time.perf_counter(); {code}; print(time.perf_counter() - s)"


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
    """The baseline first, then every function of every built template, without and with .pyc files."""
    layer = build / "Platform" / "SharedLayer" / "python"
    yield Candidate("empty handler", f"exec({_EMPTY!r})", (layer,))
    for template in sorted(build.glob("*/template.yaml")):
        for name, function in _functions(template):
            module = function["Handler"].rsplit(".", 1)[0]
            path = (template.parent / name, layer)
            yield Candidate(f"{template.parent.name}/{name}", f"import {module}; {_CLIENT}", path)


def report(build: Path) -> Iterator[str]:
    yield f"\nInit time in {ROUNDS} interleaved rounds, median; x is against an empty handler.\n"
    with stage("fresh processes") as progress:
        measured = measure(build, progress)
    base, bare_base = next(iter(measured.values()))
    rows = [
        (name, f"{compiled * 1000:.0f}", f"{compiled / base:.2f}", f"{bare / base:.2f}")
        for name, (compiled, bare) in measured.items()
    ]
    yield table(("function", "ms", "x", "x without .pyc"), rows)
    yield f"\nThe empty handler without .pyc: {bare_base / base:.2f} x."


def measure(build: Path, progress: Progress) -> dict[str, tuple[float, float]]:
    """Name -> seconds with .pyc and without, medians over the rounds."""
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "build"
        shutil.copytree(build, bare, ignore=shutil.ignore_patterns("__pycache__"))
        return _medians([list(candidates(build)), list(candidates(bare))], progress)


def _medians(variants: list[list[Candidate]], progress: Progress) -> dict[str, tuple[float, float]]:
    samples: dict[str, tuple[list[float], list[float]]] = {each.name: ([], []) for each in variants[0]}
    for number in range(ROUNDS):
        for kind, variant in enumerate(variants):
            if kind == 1 and number >= ROUNDS // 3:
                continue  # without .pyc the difference is so large that fewer rounds show it
            for done, each in enumerate(variant):
                progress.show((number + done / len(variant)) / ROUNDS, f"round {number + 1} of {ROUNDS}")
                samples[each.name][kind].append(each.seconds())
    return {name: (median(compiled), median(bare)) for name, (compiled, bare) in samples.items()}


def _functions(template: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    resources = yaml.load(template.read_text(), _Loader)["Resources"]  # noqa: S506 - a SafeLoader
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, resource["Properties"]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as their text; what they mean does not matter here."""


_Loader.add_multi_constructor("!", lambda _, suffix, node: f"{suffix} {node.value}")
