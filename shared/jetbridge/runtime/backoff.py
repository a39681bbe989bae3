"""Waiting between attempts."""

import time
from secrets import SystemRandom

_LONGEST = 1.0  # seconds


def back_off(attempt: int) -> None:
    """Wait after the attempt, from 0 on: longer each time, and never together with others."""
    time.sleep(SystemRandom().uniform(0, min(_LONGEST, 0.02 * 2**attempt)))
