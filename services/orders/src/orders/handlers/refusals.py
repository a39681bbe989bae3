"""Why an order was not placed, as the problem that its customer reads."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from jetbridge.contracts.envelope import Amount
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money
from jetbridge.runtime.problems import problem
from orders.domain.products import InvalidPrices, PriceChanged, UnknownProduct


def refused(refusal: DomainError) -> Response[str]:
    """What it is about is pointed at; another price than that of the list comes with the one that holds."""
    status = HTTPStatus.CONFLICT if isinstance(refusal, PriceChanged) else HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(status, refusal.code, refusal.detail, errors=_faults(refusal))


def _faults(refusal: DomainError) -> list[dict[str, Any]]:
    match refusal:
        case PriceChanged(current=current):
            return [
                {"pointer": f"/items/{at}/price", "detail": refusal.detail, "price": _shown(price)}
                for at, price in current.items()
            ]
        case InvalidPrices(faults=faults):
            return [{"pointer": f"/items/{at}/price", "detail": why} for at, why in faults.items()]
        case UnknownProduct(positions=positions):
            return [{"pointer": f"/items/{at}/productId", "detail": refusal.detail} for at in positions]
    return [{"pointer": "/items", "detail": refusal.detail}]


def _shown(price: Money) -> dict[str, str]:
    return Amount.of(price).model_dump()
