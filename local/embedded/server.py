"""ministack with our overlay, served by hypercorn on 127.0.0.1, until told to stop."""

import asyncio
import logging
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Callable

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.core import lambda_runtime as workers

from embedded import (
    alarms,
    api_requests,
    apigateway,
    authorization,
    bursts,
    calls,
    cloudformation,
    destinations,
    event_filters,
    identity,
    lambda_runtime,
    metrics,
    overlay,
    pipes,
    queues,
    rules,
    state_machines,
    stream_functions,
    tables,
    topics,
    wakeup,
)
from embedded.settings import Settings

HEALTHY_WITHIN_SECONDS = 10.0
STOP_WITHIN_SECONDS = 1.0

OVERLAY = (
    identity,
    calls,
    authorization,
    wakeup,
    lambda_runtime,
    bursts,
    metrics,
    alarms,
    event_filters,
    stream_functions,
    destinations,
    rules,
    pipes,
    queues,
    tables,
    topics,
    state_machines,
    apigateway,
    cloudformation,
)

logger = logging.getLogger("embedded")


def run(settings: Settings, announce: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called once, when the health check answers.

    Raises OverlayMismatch if ministack is not the one that the overlay fits.
    """
    shutil.rmtree(settings.scratch, ignore_errors=True)  # what one that was killed has left
    settings.scratch.mkdir(parents=True)
    install_overlay(settings)
    try:
        asyncio.run(_serve(settings, announce))
    finally:
        workers.reset()
        shutil.rmtree(settings.scratch, ignore_errors=True)


def install_overlay(settings: Settings) -> None:
    for module in OVERLAY:
        module.install(settings)
    overlay.require_names(overlay.overlay_modules())


async def _serve(settings: Settings, announce: Callable[[], None]) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    async def stopped() -> None:
        """Functions end first: a request that waits for one would hold up the end of the server."""
        await stopping.wait()
        await asyncio.to_thread(workers.reset)

    application = api_requests.preserving_what_was_sent(app)
    serving = asyncio.create_task(serve(application, _configuration(settings), shutdown_trigger=stopped))
    health = asyncio.create_task(_until_healthy(settings))
    await asyncio.wait({serving, health}, return_when=asyncio.FIRST_COMPLETED)
    if health.done():
        health.result()
        announce()
    await serving


def _configuration(settings: Settings) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = STOP_WITHIN_SECONDS
    config.shutdown_timeout = STOP_WITHIN_SECONDS
    config.h11_pass_raw_headers = True
    config.loglevel = "WARNING"
    return config


async def _until_healthy(settings: Settings) -> None:
    async with asyncio.timeout(HEALTHY_WITHIN_SECONDS):
        while not await asyncio.to_thread(_answers, f"{settings.url}/_ministack/health"):
            await asyncio.sleep(0.02)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
