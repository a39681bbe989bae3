"""What queries of several routes have: a page's size, where it begins, days."""

import re
from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _as_day(day: object) -> object:
    """Neither seconds since 1970 nor a time of the day, which pydantic would take."""
    if isinstance(day, str) and not _DAY.fullmatch(day):
        raise PydanticCustomError("day", "Input should be a day such as 2030-06-01")
    return day


Day = Annotated[date, BeforeValidator(_as_day)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=4096)]
