"""Form bodies as Stripe's clients send them."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from payment_provider.domain.cards import InvalidRequest


class Form(BaseModel):
    """Fields of Stripe that the stand-in does not act on are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_form[Fields: Form](form: type[Fields], given: Mapping[str, str]) -> Fields:
    """Raises InvalidRequest about the first fault, as Stripe names it."""
    try:
        return form.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        param = str(fault["loc"][0])
        if (param, fault["type"]) == ("amount", "less_than_equal"):
            raise InvalidRequest(
                "amount_too_large", "Amount must be no more than 999,999.99.", param
            ) from None
        if fault["type"] == "missing":
            raise InvalidRequest("parameter_missing", f"Missing required param: {param}.", param) from None
        raise InvalidRequest("parameter_invalid", f"Invalid {param}: {fault['msg']}", param) from None
