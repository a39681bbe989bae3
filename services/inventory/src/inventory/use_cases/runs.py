"""Import runs as operators see them."""

from inventory.domain.imports import INCOMING, Run, RunStatus
from inventory.ports import Links, Runs, Upload
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import NotFound
from jetbridge.kernel.ids import random_id


def announce_import(
    file_name: str, *, correlation_id: str, runs: Runs, links: Links, clock: Clock
) -> tuple[Run, Upload]:
    """A run that waits for its file, and the form to upload that file with."""
    import_id = random_id()
    run = Run(
        import_id=import_id,
        key=f"{INCOMING}{import_id}/{file_name}",
        status=RunStatus.AWAITING_UPLOAD,
        correlation_id=correlation_id,
        causation_id=correlation_id,
        created_at=clock(),
    )
    runs.add(run)
    return run, links.upload(run.key)


def get_run(import_id: str, *, runs: Runs) -> Run:
    """Raises NotFound."""
    run = runs.get(import_id)
    if run is None:
        raise NotFound("There is no such import.")
    return run
