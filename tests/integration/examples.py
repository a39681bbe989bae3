"""How the stateful tests choose: the same examples each time, a failure shown as it is and not made small."""

from hypothesis import HealthCheck, Phase, settings

SAME_EACH_TIME = settings(
    derandomize=True,
    report_multiple_bugs=False,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
