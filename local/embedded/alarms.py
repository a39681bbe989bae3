"""Alarms look at the metric of exactly their dimensions, period by period, and need permission to notify."""

import time
from typing import Any

from ministack.core.responses import _request_account_id, _request_region, get_account_id
from ministack.services import cloudwatch, sns

from embedded.overlay import replace, wrap
from embedded.settings import Settings

Alarm = dict[str, Any]
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def install(settings: Settings) -> None:
    replace(cloudwatch, "_evaluate_alarm", "alarm", evaluate)

    @wrap(cloudwatch, "_dispatch_alarm_actions", "alarm old_state new_state reason")
    def act(original: Any, alarm: Alarm, *rest: Any) -> None:
        original(
            {**alarm, **{kind: _permitted(alarm, kind) for kind in ("AlarmActions", "OKActions")}}, *rest
        )


def evaluate_all() -> None:
    for (account, region, _), alarm in list(cloudwatch._alarms.all_items()):
        _request_account_id.set(account)
        _request_region.set(region)
        evaluate(alarm)


def evaluate(alarm: Alarm) -> None:
    """Periods end now rather than on the minute, so that an alarm fires as soon as its metric is there."""
    values = [_value(alarm, back) for back in range(int(alarm.get("EvaluationPeriods", 1)))]
    state = _state(alarm, values)
    if state == alarm["StateValue"]:
        return
    before, shown = alarm["StateValue"], [value for value in values if value is not None]
    reason = (
        f"Threshold Crossed: {len(shown)} datapoint(s) {shown} against {alarm.get('ComparisonOperator')} "
        f"{alarm.get('Threshold')}"
    )
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _state(alarm: Alarm, values: list[float | None]) -> str:
    missing = alarm.get("TreatMissingData") or "missing"
    if all(value is None for value in values):
        kept = str(alarm["StateValue"])
        return {"breaching": "ALARM", "notBreaching": "OK", "ignore": kept}.get(missing, "INSUFFICIENT_DATA")
    breaches = [missing == "breaching" if value is None else _breaches(alarm, value) for value in values]
    return "ALARM" if sum(breaches) >= int(alarm.get("DatapointsToAlarm") or len(values)) else "OK"


def _breaches(alarm: Alarm, value: float) -> bool:
    compare = COMPARISONS.get(alarm.get("ComparisonOperator", ""))
    return bool(compare and compare(value, float(alarm.get("Threshold", 0))))


def _value(alarm: Alarm, back: int) -> float | None:
    """The statistic over the period that lies `back` periods ago."""
    period = float(alarm.get("Period", 60))
    end = time.time() - back * period
    dimensions = cloudwatch._dims_key({each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []})
    points = cloudwatch._metrics.get((alarm.get("Namespace"), alarm.get("MetricName"), dimensions)) or []
    inside = [point for point in points if end - period < point["Timestamp"] <= end]
    if not inside:
        return None
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = cloudwatch._stat_value(cloudwatch._calc_stats(inside), statistic, inside)
    return None if value is None else float(value)


def _permitted(alarm: Alarm, kind: str) -> list[str]:
    arn, account = alarm.get("AlarmArn", ""), get_account_id()
    return [
        action
        for action in alarm.get(kind) or []
        if ":sns:" not in action or sns.topic_policy_allows(action, "cloudwatch.amazonaws.com", arn, account)
    ]
