"""What other programs need to talk to the running application: `.local/outputs.json` and `.local/env`."""

import json
import os
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.deployment import STAGE, Deployment
from sandbox.emulator import REGION
from sandbox.paths import ROOT
from sandbox.users import Tokens, sign_in

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient

# Service of outputs.json -> nested stack of the root template.
_APIS = {
    "inventory": "Inventory",
    "orders": "Orders",
    "bookings": "Bookings",
    "payments": "Payments",
    "payment_provider": "PaymentProvider",
}


@dataclass(frozen=True)
class Outputs:
    """`apis` are base URLs that answer on this machine; `stacks` holds all outputs by stack."""

    endpoint: str
    region: str
    stack: str
    apis: dict[str, str]
    tokens: Tokens
    partner_key: str
    import_bucket: str
    stacks: dict[str, dict[str, str]]

    def write(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        _write_private(home / "outputs.json", json.dumps(asdict(self), indent=2) + "\n")
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self._variables().items()]
        lines.append(f'export PATH={shlex.quote(str(ROOT / ".venv" / "bin"))}:"$PATH"')
        _write_private(home / "env", "\n".join(lines) + "\n")

    def _variables(self) -> dict[str, str]:
        urls = {service.upper(): url for service, url in self.apis.items()}
        tokens = {name.upper(): token for name, token in asdict(self.tokens).items()}
        client = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": self.region,
            "SAM_CLI_TELEMETRY": "0",
        }
        return {**urls, **tokens, "PARTNER_KEY": self.partner_key, **client}


def gather(deployment: Deployment) -> Outputs:
    """Read the stacks, sign the users in."""
    stacks = deployment.outputs()
    platform = stacks["Platform"]
    return Outputs(
        endpoint=deployment.aws.url,
        region=REGION,
        stack=deployment.stack,
        apis={
            service: f"{deployment.aws.url}/_aws/execute-api/{stacks[stack]['ApiId']}/{STAGE}"
            for service, stack in _APIS.items()
        },
        tokens=sign_in(deployment, pool_id=platform["UserPoolId"], client_id=platform["UserPoolClientId"]),
        partner_key=_partner_key(deployment, stacks["Orders"]["StandardPartnerKeyId"]),
        import_bucket=stacks["Inventory"]["ImportBucket"],
        stacks=stacks,
    )


def _partner_key(deployment: Deployment, key_id: str) -> str:
    gateway: APIGatewayClient = deployment.client("apigateway")
    return gateway.get_api_key(apiKey=key_id, includeValue=True)["value"]


def _write_private(path: Path, text: str) -> None:
    """Only its owner can read it, and nobody ever reads half of it."""
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
