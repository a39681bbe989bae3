"""Whom the emulator acts as: clients with a role's credentials, so that ministack enforces its policies."""

import hashlib
import threading
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts

from embedded.settings import ADMINISTRATOR_SECRET, Settings

_settings = Settings()
_making = threading.Lock()
_CONFIG = Config(
    inject_host_prefix=False,
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=905,
    max_pool_connections=50,
    parameter_validation=False,
)


def install(settings: Settings) -> None:
    global _settings  # noqa: PLW0603 - set once, before the first request
    _settings = settings


def url() -> str:
    return _settings.url


def client(service: str, role_arn: str | None = None) -> Any:
    """A boto3 client with the credentials of `role_arn`, or of the administrator of the account at hand.

    Never call one from the event loop: the answer comes from there.
    """
    with _making:
        return _client(service, role_arn or "", get_account_id(), get_region())


@cache
def _session() -> Any:
    return boto3.session.Session()


@cache
def _client(service: str, role_arn: str, account: str, region: str) -> Any:
    keys = session_keys(role_arn) if role_arn else (account, ADMINISTRATOR_SECRET, None)
    return _session().client(
        service,
        region_name=region,
        endpoint_url=_settings.url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2],
        config=_CONFIG,
    )


def session_keys(role_arn: str) -> tuple[str, str, str]:
    """Access key, secret and token of a session of this role, known to the emulator's STS."""
    digest = hashlib.sha256(f"service:{role_arn}".encode()).hexdigest()
    access_key, secret, token = f"ASIA{digest[:16].upper()}", digest[16:56], digest[24:]
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    name = f"{role}/embedded"
    session = {"Arn": f"arn:aws:sts::{account}:assumed-role/{name}", "UserId": name.replace("/", ":")}
    sts.register_session(access_key, {**session, "SecretAccessKey": secret, "SessionToken": token})
    return access_key, secret, token


def denial(role_arn: str, action: str, resource: str) -> str | None:
    """Why this role may not do `action` on `resource`, in AWS's words; None if it may."""
    access_key, _, _ = session_keys(role_arn)
    result = iam_evaluator.enforce(access_key, action, action.partition(":")[0], get_region(), resource)
    if result is None:
        return None
    principal = getattr(result, "principal_arn", role_arn)
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource}"


def queue_url(queue_arn: str) -> str:
    return f"{_settings.url}/{queue_arn.split(':')[4] or get_account_id()}/{queue_arn.split(':')[5]}"
