"""Settings: the environment, read once into a frozen model."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class InvalidSettings(Exception):
    """The function is deployed with a missing or malformed environment variable."""


class Settings(BaseModel):
    """A field `orders_table_name` is the variable `ORDERS_TABLE_NAME`."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def from_env(cls) -> Self:
        """Raises InvalidSettings naming every variable that is missing or malformed, without its value."""
        given = {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            faults = (f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise InvalidSettings("; ".join(faults)) from None
