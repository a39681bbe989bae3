"""The next reader of a stock file: the same function, invoked on its own."""

from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class ReadOn(BaseModel):
    """What tells the function to begin on, or go on with, a run that is in the table."""

    import_id: str


class LambdaReader:
    def __init__(self, client: "LambdaClient", function_name: str) -> None:
        self._client = client
        self._function_name = function_name

    def read_on(self, import_id: str) -> None:
        order = ReadOn(import_id=import_id).model_dump_json()
        self._client.invoke(FunctionName=self._function_name, InvocationType="Event", Payload=order.encode())
