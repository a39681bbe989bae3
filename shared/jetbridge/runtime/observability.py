"""Logs, metrics and traces of a function, configured by Powertools' environment variables."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

# Most invocations count nothing of their own, which Powertools would warn of each time.
warnings.filterwarnings("ignore", message="No application metrics to publish")

logger = Logger(use_rfc3339=True, utc=True)
tracer = Tracer(patch_modules=["botocore"])
metrics = Metrics()

# An event is a dict, but for the list of records that a pipe hands to its enrichment.
type Handler = Callable[[Any, LambdaContext], Any]


def observed(handler: Handler) -> Handler:
    """Logs with the request's context, a trace segment, and the metrics of this invocation.

    Neither the event nor the answer is logged or traced: both hold personal data.
    """
    instrumented = tracer.capture_lambda_handler(handler, capture_response=False)
    instrumented = metrics.log_metrics(instrumented)
    instrumented = logger.inject_lambda_context(instrumented, clear_state=True)

    @wraps(handler)
    def observe(event: Any, context: LambdaContext) -> Any:
        return instrumented(event, context)

    return observe


def count(name: str, value: int = 1) -> None:
    """Add to the business metric `name` of this service."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def correlate(correlation_id: str) -> None:
    """Put the id that ties a business transaction together on every log line and on the trace."""
    logger.set_correlation_id(correlation_id)
    tracer.put_annotation("correlation_id", correlation_id)
