"""How the provider's client reads each answer: done, refused for good, or a fault."""

import pytest

from payments.adapters.provider import StripeProvider
from payments.adapters.stripe import ProviderFault
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.domain.refusals import PaymentDeclined
from tests.fakes.payments import NOON, request, wanted_back
from tests.integration.payments.provider_server import Answer, Server, error

REQUESTED = Payment.begun(request(), PaymentStatus.REQUESTED, NOON)
WANTED_BACK = wanted_back(REQUESTED.capture("pi_1", NOON))


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (
            402,
            error("card_error", code="card_declined", decline_code="insufficient_funds"),
            "insufficient_funds",
        ),
        (402, error("card_error", code="expired_card"), "expired_card"),
        (402, error("card_error"), "generic_decline"),
        (402, error("card_error", code="card_declined", decline_code="stolen_card"), "generic_decline"),
        (
            400,
            error("invalid_request_error", code="resource_missing", param="payment_method"),
            "unknown_payment_method",
        ),
        (400, error("invalid_request_error", code="amount_too_small", param="amount"), "amount_too_small"),
    ],
)
def test_an_answer_that_says_no_for_good_is_a_refusal(
    client: StripeProvider, server: Server, status: int, answer: object, reason: str
) -> None:
    server.answers = [(status, answer)]
    with pytest.raises(PaymentDeclined) as refused:
        client.charge(REQUESTED)
    assert refused.value.detail == reason
    assert len(server.received) == 1


FAULTS: list[Answer] = [
    (500, error("api_error")),
    (503, "<html>busy</html>"),
    (502, ""),
    (429, error("invalid_request_error", code="rate_limit")),
    (409, error("idempotency_error")),
    (400, error("idempotency_error")),
    (400, error("invalid_request_error", code="parameter_missing", param="currency")),
    (400, error("invalid_request_error", code="resource_missing", param="customer")),
    (404, error("invalid_request_error", code="resource_missing")),
    (402, "not json"),
    (200, "[" * 100_000),
    (302, ""),
    (200, {"id": "pi_1", "status": "processing"}),
    (200, {"id": "pi_1", "status": "requires_payment_method"}),
    (200, ["a list"]),
    (200, {"error": "no object"}),
]


@pytest.mark.parametrize("answer", FAULTS)
def test_any_other_answer_is_a_fault_that_is_not_asked_for_twice(
    client: StripeProvider, server: Server, answer: Answer
) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderFault):
        client.charge(REQUESTED)
    assert len(server.received) == 1


def test_a_fault_says_no_more_than_status_type_and_code(client: StripeProvider, server: Server) -> None:
    server.answers = [(500, error("api_error", code="lock_timeout"))]
    with pytest.raises(ProviderFault) as fault:
        client.charge(REQUESTED)
    assert str(fault.value) == "status 500, type api_error, code lock_timeout"


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"status": "pending"}),
        (400, error("invalid_request_error", code="charge_already_refunded")),
    ],
)
def test_a_refund_that_is_under_way_or_done_already_is_done(
    client: StripeProvider, server: Server, answer: Answer
) -> None:
    server.answers = [answer]
    client.refund(WANTED_BACK, WANTED_BACK.refunds[0])


@pytest.mark.parametrize("answer", [(500, error("api_error")), (200, {"status": "failed"}), (402, {})])
def test_a_refund_that_is_not_done_is_a_fault(client: StripeProvider, server: Server, answer: Answer) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderFault):
        client.refund(WANTED_BACK, WANTED_BACK.refunds[0])
