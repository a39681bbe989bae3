"""What the lists of Stripe have in common: pages, newest first."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from payment_provider.handlers.forms import Form
from payment_provider.use_cases.cards import ListAsked

_Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]


class ListForm(Form):
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    starting_after: str | None = None
    created_from: Annotated[_Seconds | None, Field(alias="created[gte]")] = None
    created_before: Annotated[_Seconds | None, Field(alias="created[lt]")] = None

    def to_asked(self) -> ListAsked:
        return ListAsked(
            limit=self.limit,
            starting_after=self.starting_after,
            created_from=_moment(self.created_from),
            created_before=_moment(self.created_before),
        )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
