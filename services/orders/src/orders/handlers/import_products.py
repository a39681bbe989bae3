"""POST /products/imports: operators send the price list, or a part of it, as a CSV file."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.openapi import answers, takes
from orders import bootstrap
from orders.handlers.price_file import Fault, FileTooLong, read_prices
from orders.use_cases.products import import_products

app = api({FileTooLong: HTTPStatus.CONTENT_TOO_LARGE})


class FaultView(Body):
    line: int
    reason: str


class ImportedView(Body):
    """The good rows count whatever the bad ones are; the same file again changes nothing."""

    rows_read: int
    rows_written: int
    rows_unchanged: int
    rejected: list[FaultView]


@app.post(
    "/products/imports",
    responses=answers(HTTPStatus.OK, ImportedView),
    openapi_extensions=takes("text/csv", {"type": "string"}),
)
def post_products() -> Response[str]:
    wanted, faults = read_prices(app.current_event.decoded_body or "", bootstrap.price_settings().currency)
    imported = import_products(list(wanted.values()), products=bootstrap.products())
    overtaken = [
        Fault(line, "changed by somebody else at this moment; send it again")
        for line, product in wanted.items()
        if product.product_id in imported.overtaken
    ]
    count("ProductsImported", imported.written)
    rejected = sorted([*faults, *overtaken], key=lambda fault: fault.line)
    view = ImportedView(
        rows_read=len(wanted) + len(faults),
        rows_written=imported.written,
        rows_unchanged=imported.unchanged,
        rejected=[FaultView(line=fault.line, reason=fault.reason) for fault in rejected],
    )
    return answer(HTTPStatus.OK, view)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, takes="text/csv", only_for="operators")
