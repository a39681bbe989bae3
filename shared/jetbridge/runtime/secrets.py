"""A secret of Secrets Manager, remembered for a while by Powertools and fetched again on demand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class Secret:
    """`max_age` is how many seconds a value is used before it is fetched anew."""

    provider: "SecretsProvider"
    arn: str
    max_age: int = 300

    def value(self) -> str:
        return str(self.provider.get(self.arn, max_age=self.max_age))

    def fetched_again(self) -> str:
        """For when the value was refused: it may have been rotated."""
        return str(self.provider.get(self.arn, max_age=self.max_age, force_fetch=True))


def secret_of(arn: str, client: "SecretsManagerClient") -> Secret:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider  # noqa: PLC0415 - it is heavy

    return Secret(SecretsProvider(boto3_client=client), arn)
