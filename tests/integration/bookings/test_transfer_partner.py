"""The transfer partner over HTTP, against the stand-in's own handlers, and against answers of every kind."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from bookings.adapters.transfers import HttpTransferPartner, PartnerFault
from bookings.domain.transfers import Transfer
from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import Secret
from payment_provider.handlers import delete_transfer, put_transfer
from tests.integration.http_server import Desk, listening
from tests.integration.tables import make_table
from tests.lambda_events import api_request, context

CONFIRMED = (200, json.dumps({"status": "confirmed"}))


@dataclass
class Server:
    """Answers as told, one after the other; when nothing is left to tell, as the stand-in does."""

    url: str = ""
    answers: list[tuple[int, str]] = field(default_factory=list)
    received: list[tuple[str, str, str | None]] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
        self.received.append((method, path, headers.get("Authorization")))
        if self.answers:
            return self.answers.pop(0)
        function = put_transfer if method == "PUT" else delete_transfer
        event = api_request(method, path, body, headers=headers, subject=None)
        told = function.handler(event, context())
        return told["statusCode"], told["body"]


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Transfers(Desk):
        def meet(self) -> None:
            self.send(*told.answer(self.command, self.path, dict(self.headers), self.read_body()))

    with listening(Transfers) as told.url:
        yield told


@pytest.fixture
def secret_arn(monkeypatch: pytest.MonkeyPatch) -> str:
    arn = boto3.client("secretsmanager").create_secret(Name="partner", SecretString="sk_sandbox")["ARN"]
    environment = {
        "LEDGER_TABLE_NAME": make_table("payment-provider", "LedgerTable"),
        "CALLS_TABLE_NAME": make_table("payment-provider", "CallsTable"),
        "CALLS_INDEX_NAME": "by-moment",
        "SECRET_ARN": arn,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return arn


@pytest.fixture
def partner(server: Server, secret_arn: str) -> HttpTransferPartner:
    secret = Secret(SecretsProvider(), secret_arn, 300)
    return HttpTransferPartner(pool(2, 2), server.url, secret)


def test_the_stand_in_understands_it(partner: HttpTransferPartner) -> None:
    assert [partner.ask("booking-1", "LHR & more") for _ in range(2)] == [
        Transfer.PENDING,
        Transfer.CONFIRMED,
    ]
    for _ in range(2):
        partner.cancel("booking-1")
    assert partner.ask("booking-1", "LHR & more") is Transfer.CANCELLED


def test_what_is_cancelled_before_it_is_asked_for_is_never_made(partner: HttpTransferPartner) -> None:
    partner.cancel("booking-1")
    assert partner.ask("booking-1", "LHR") is Transfer.CANCELLED


def test_a_reference_cannot_leave_its_place(partner: HttpTransferPartner, server: Server) -> None:
    server.answers = [CONFIRMED]
    partner.ask("../payment_intents?x=", "LHR")
    assert server.received[0][1] == "/v1/transfers/..%2Fpayment_intents%3Fx%3D"


@pytest.mark.parametrize(
    "answer",
    [
        (500, "{}"),
        (502, ""),
        (403, json.dumps({"status": "confirmed"})),
        (200, "<html>"),
        (200, "[]"),
        (200, "{}"),
        (200, json.dumps({"status": "perhaps"})),
    ],
)
def test_what_is_no_answer_is_a_fault(
    partner: HttpTransferPartner, server: Server, answer: tuple[int, str]
) -> None:
    server.answers = [answer, answer]
    with pytest.raises(PartnerFault):
        partner.ask("booking-1", "LHR")
    with pytest.raises(PartnerFault):
        partner.cancel("booking-1")
    assert len(server.received) == 2


def test_a_cancellation_that_is_not_one_is_a_fault(partner: HttpTransferPartner, server: Server) -> None:
    server.answers = [CONFIRMED]
    with pytest.raises(PartnerFault):
        partner.cancel("booking-1")


def test_a_secret_that_was_rotated_is_fetched_again(
    partner: HttpTransferPartner, server: Server, secret_arn: str
) -> None:
    server.answers = [CONFIRMED, (401, "{}"), CONFIRMED]
    partner.ask("booking-1", "LHR")
    boto3.client("secretsmanager").put_secret_value(SecretId=secret_arn, SecretString="sk_new")
    assert partner.ask("booking-1", "LHR") is Transfer.CONFIRMED
    assert [sent for _, _, sent in server.received] == [
        "Bearer sk_sandbox",
        "Bearer sk_sandbox",
        "Bearer sk_new",
    ]


def test_a_partner_that_is_silent_is_not_waited_for(secret_arn: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        quick: Any = HttpTransferPartner(pool(0.2, 0.2), url, Secret(SecretsProvider(), secret_arn, 300))
        with pytest.raises(Exception, match="Read timed out"):
            quick.ask("booking-1", "LHR")
