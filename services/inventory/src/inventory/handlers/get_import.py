"""GET /inventory/imports and /inventory/imports/{importId}: operators see the runs of stock files."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from inventory import bootstrap
from inventory.handlers.run_views import RunView
from inventory.use_cases.runs import get_run
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Limit

app = api()

_LONGEST_KEY = 1024  # bytes of an object's, as S3 has it


def _of_an_object(key: str | None) -> str | None:
    if key and len(key.encode()) > _LONGEST_KEY:
        raise PydanticCustomError("object_key", "Input should have at most 1024 bytes")
    return key


class RunsView(Body):
    imports: list[RunView]
    next_cursor: str | None = None


@app.get("/inventory/imports/<import_id>", responses=answers(HTTPStatus.OK, RunView))
def get_import(import_id: str) -> Response[str]:
    return answer(HTTPStatus.OK, RunView.of(get_run(import_id, runs=bootstrap.runs())))


@app.get("/inventory/imports", responses=answers(HTTPStatus.OK, RunsView))
def list_imports(
    key: Annotated[str | None, Query(min_length=1, max_length=1024), AfterValidator(_of_an_object)] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[str]:
    page = bootstrap.runs().page(key=key, limit=limit, cursor=cursor)
    view = RunsView(imports=[RunView.of(run) for run in page.items], next_cursor=page.cursor)
    return answer(HTTPStatus.OK, view)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
