"""The application for those benchmarks that need it: deployed when the first asks, gone at the end."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.console import stage
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator
from sandbox.outputs import Outputs, gather
from sandbox.paths import LOCAL
from sandbox.processes import free_port


@dataclass(frozen=True)
class Application:
    """On an embedded AWS of its own, from what `sam build` left in `build`."""

    build: Path

    @cached_property
    def _aws(self) -> Emulator:
        return Emulator(free_port(), LOCAL / "bench")

    @cached_property
    def deployed(self) -> tuple[Deployment, Outputs]:
        deployment = Deployment(self._aws, build=self.build)
        with stage("embedded AWS and deploy") as progress:
            self._aws.start()
            deployment.sam_deploy(progress)
            return deployment, gather(deployment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aws.stop()
