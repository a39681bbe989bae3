"""`python timed_handler.py MODULE EVENT CALLS`: what MODULE.handler answers, and seconds of a warm call.

Runs with Lambda's layout: nothing is there but the function and the layer. MODULE `empty` only logs.
"""

import json
import sys
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

WARMING = 20


def empty() -> Any:
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - for this baseline alone

    logger = Logger()

    def handler(_event: Any, _context: Any) -> Any:
        logger.info("called")
        return {"statusCode": 200, "body": "{}"}

    return handler


def main(module: str, event: Any, calls: int) -> None:
    handler = empty() if module == "empty" else import_module(module).handler
    context = SimpleNamespace(
        function_name="timed",
        function_version="1",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:timed",
        aws_request_id="00000000-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: 10_000,
    )
    answers = [handler(event, context) for _ in range(WARMING)]
    started = time.perf_counter()
    for _ in range(calls):
        handler(event, context)
    seconds = (time.perf_counter() - started) / calls
    print(f"\n{answers[-1]['statusCode']} {seconds}")


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as text:
        main(sys.argv[1], json.load(text), int(sys.argv[3]))
