"""The AWS clients of a function: made once per kind, with bounded waiting. Only `bootstrap` asks for them."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore import session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

# An attempt may take 1 s to connect and 3 s to answer: after one that hangs, 10 s are enough for another.
_BOUNDED = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
# For a question that may stay without an answer: one attempt, 2 s.
_BRIEF = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
# Links that are given away name the bucket's own region; the global address would redirect an upload.
_REGIONAL = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["lambda"]) -> "LambdaClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sns"]) -> "SNSClient": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["ssm"]) -> "SSMClient": ...
@overload
def client(service: Literal["stepfunctions"], *, brief: bool = False) -> "SFNClient": ...
def client(service: str, *, brief: bool = False) -> Any:
    """`brief`: each call is one attempt of at most 2 s."""
    return _client(service, brief)


@cache
def _client(service: str, brief: bool) -> Any:
    config = _BRIEF if brief else _BOUNDED
    return _session().create_client(service, config=config.merge(_REGIONAL) if service == "s3" else config)


@cache
def _session() -> session.Session:
    """botocore's own: boto3 around it makes the same clients, and takes a fifth of a function's init."""
    return session.get_session()
