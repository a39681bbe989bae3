"""POST /inventory/imports: operators get a form to upload a stock file with. It never passes the API."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import StringConstraints

from inventory import bootstrap
from inventory.use_cases.runs import announce_import
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.http import Body, RequestBody, answer, api, correlation_of, serve
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.openapi import answers

app = api()


# A name and no path; `$` would be a variable of the upload form.
_FILE_NAME = r"^\w[^/\\$\x00-\x1f\x7f]{0,127}$"


class StartImportBody(RequestBody):
    file_name: Annotated[str, StringConstraints(pattern=_FILE_NAME)] = "stock.csv"


class UploadView(Body):
    url: str
    fields: dict[str, str]


class StartedView(Body):
    """Post `fields` and the file, as `file` and last, to `url`."""

    import_id: str
    upload: UploadView


@app.post("/inventory/imports", responses=answers(HTTPStatus.CREATED, StartedView))
def post_import(body: StartImportBody | None = None) -> Response[str]:
    run, upload = announce_import(
        (body or StartImportBody()).file_name,
        correlation_id=correlation_of(app.current_event),
        runs=bootstrap.runs(),
        links=bootstrap.links(),
        clock=utc_now,
    )
    count("ImportsAnnounced")
    view = StartedView(import_id=run.import_id, upload=UploadView(url=upload.url, fields=dict(upload.fields)))
    return answer(HTTPStatus.CREATED, view, location=f"/inventory/imports/{run.import_id}")


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
