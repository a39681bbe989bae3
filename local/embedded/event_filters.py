"""One language of event patterns for rules, pipes and event source mappings: EventBridge's own."""

import json
from typing import Any

from ministack.services import eventbridge, lambda_svc

from embedded.overlay import replace
from embedded.settings import Settings


def install(settings: Settings) -> None:
    """ministack's own matcher of mappings knows neither `$or` nor half of the operators."""

    def match(record: dict[str, Any], pattern: dict[str, Any]) -> bool:
        return matches(record, json.dumps(pattern))

    replace(lambda_svc, "_match_esm_filter", "record pattern", match)


def matches(document: Any, pattern: str) -> bool:
    alternatives = eventbridge._compiled_pattern(pattern) or ()
    return any(eventbridge._matches_detail(document, alternative) for alternative in alternatives)
