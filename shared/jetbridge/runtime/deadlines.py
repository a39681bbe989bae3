"""How long an invocation still has."""

from datetime import timedelta

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.sweeps import GoingOn

_TO_END = timedelta(seconds=10)  # what is under way: its calls with all their attempts


def time_left(context: LambdaContext, *, beyond: timedelta = _TO_END) -> GoingOn:
    """Whether the invocation has more time than that: what is begun should come to its end."""
    return lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()) > beyond
