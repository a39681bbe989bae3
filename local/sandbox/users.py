"""The sandbox's users and their tokens, made as an administrator of the user pool makes them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_PASSWORD = "Jetbridge2026ok"  # noqa: S105 - of users that exist on this machine only
CUSTOMER, OTHER_CUSTOMER, OPERATOR = "user1", "user2", "operator1"


@dataclass(frozen=True)
class Tokens:
    """ID tokens, as `Authorization` wants them; valid for a day."""

    customer: str
    other_customer: str
    operator: str


def sign_in(deployment: Deployment, *, pool_id: str, client_id: str) -> Tokens:
    """Make the users if they are not there yet, and sign them in."""
    cognito: CognitoIdentityProviderClient = deployment.client("cognito-idp")
    for name in (CUSTOMER, OTHER_CUSTOMER, OPERATOR):
        _ensure(cognito, pool_id, name)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=OPERATOR, GroupName="operators")
    return Tokens(*(_token(cognito, client_id, name) for name in (CUSTOMER, OTHER_CUSTOMER, OPERATOR)))


def _ensure(cognito: "CognitoIdentityProviderClient", pool_id: str, name: str) -> None:
    try:
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
    except cognito.exceptions.UsernameExistsException:
        return
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=_PASSWORD, Permanent=True)


def _token(cognito: "CognitoIdentityProviderClient", client_id: str, name: str) -> str:
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": _PASSWORD},
    )
    return answer["AuthenticationResult"]["IdToken"]
