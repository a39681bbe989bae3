"""Why an order was not placed, as the problem that its customer reads."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from jetbridge.contracts.envelope import Amount
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money
from jetbridge.runtime.problems import problem
from orders.domain.products import PriceChanged, UnknownProduct


def refused(refusal: DomainError) -> Response[str]:
    """Items that the price list is against are pointed at; another price comes with the one that holds."""
    match refusal:
        case PriceChanged(current=current):
            faults: list[dict[str, Any]] = [
                {"pointer": f"/items/{at}/price", "detail": refusal.detail, "price": _shown(price)}
                for at, price in current.items()
            ]
            return problem(HTTPStatus.CONFLICT, refusal.code, refusal.detail, errors=faults)
        case UnknownProduct(positions=positions):
            faults = [{"pointer": f"/items/{at}/productId", "detail": refusal.detail} for at in positions]
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail, errors=faults)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail)


def _shown(price: Money) -> dict[str, str]:
    return Amount.of(price).model_dump()
