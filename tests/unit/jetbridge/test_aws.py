"""Clients are made once and do not wait for ever; secrets are fetched no more than needed."""

from typing import Any

from jetbridge.runtime import aws
from jetbridge.runtime.secrets import Secret


def test_a_client_is_made_once_and_shared() -> None:
    assert aws.client("dynamodb") is aws.client("dynamodb")


def test_after_a_call_that_hangs_a_function_of_ten_seconds_has_time_for_another() -> None:
    config: Any = aws.client("sqs").meta.config
    assert config.retries["total_max_attempts"] >= 2
    assert 2 * (config.connect_timeout + config.read_timeout) < 10


def test_a_brief_client_asks_once_and_leaves_a_function_of_five_seconds_more_than_half_of_them() -> None:
    config: Any = aws.client("stepfunctions", brief=True).meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 2


class Vault:
    """Counts how often the secret is really fetched."""

    def __init__(self) -> None:
        self.fetched = 0

    def get(self, _: str, *, max_age: int, force_fetch: bool = False) -> str:
        self.fetched += 1 if force_fetch or self.fetched == 0 else 0
        return f"secret-{self.fetched}"


def test_a_secret_that_was_refused_is_fetched_again() -> None:
    vault = Vault()
    provider: Any = vault
    secret = Secret(provider, "arn", 300)
    assert (secret.value(), secret.value(), secret.fetched_again()) == ("secret-1", "secret-1", "secret-2")
