"""A secret of Secrets Manager, remembered for a while by Powertools and fetched again on demand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider


@dataclass(frozen=True, slots=True)
class Secret:
    """`max_age` is how many seconds a value is used before it is fetched anew."""

    provider: "SecretsProvider"
    arn: str
    max_age: int

    def value(self) -> str:
        return str(self.provider.get(self.arn, max_age=self.max_age))

    def fetched_again(self) -> str:
        """For when the value was refused: it may have been rotated."""
        return str(self.provider.get(self.arn, max_age=self.max_age, force_fetch=True))
