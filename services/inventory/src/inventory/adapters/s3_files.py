"""Stock files, error reports and links in S3."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import SEEK_END, TextIOWrapper
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ClientError

from inventory.domain.files import FileGone, StoredFile
from inventory.domain.imports import Checkpoint
from inventory.domain.stock_file import Fault
from inventory.ports import ErrorReport, Upload
from jetbridge.runtime.dynamodb import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE = 32_768  # bytes of a file that are read at once
MAX_LISTED = 100_000  # faults; the report grows no larger
IN_MEMORY = 1 << 20  # bytes of a report; a longer one goes to disk
LINK_SECONDS = 900
CSV = "text/csv"


class S3Files:
    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def pieces(self, file: StoredFile, start: int) -> Iterable[bytes]:
        if start >= file.size:  # S3 refuses a range without a byte
            return ()
        try:
            found = self._client.get_object(
                Bucket=file.bucket, Key=file.key, IfMatch=file.etag, Range=f"bytes={start}-"
            )
        except ClientError as error:
            if error_code(error) in {"NoSuchKey", "PreconditionFailed", "412"}:
                raise FileGone(file.key) from error
            raise
        return found["Body"].iter_chunks(PIECE)

    @contextmanager
    def error_report(self, file: StoredFile, so_far: Checkpoint) -> Iterator[ErrorReport]:
        with SpooledTemporaryFile(IN_MEMORY) as spool:
            if so_far.error_report:
                found = self._client.get_object(Bucket=file.bucket, Key=so_far.error_report)
                copyfileobj(found["Body"], spool)
            yield _CsvReport(self._client, file.bucket, spool, listed=so_far.rows_rejected)


class _CsvReport:
    def __init__(self, client: "S3Client", bucket: str, spool: IO[bytes], *, listed: int) -> None:
        self._client, self._bucket, self._spool, self._listed = client, bucket, spool, listed
        text = TextIOWrapper(
            spool, encoding="utf-8", errors="backslashreplace", newline="", write_through=True
        )
        self._csv = csv.writer(text)
        self._text = text  # closes the spool when it goes
        if not listed:
            self._csv.writerow(Fault._fields)

    def add(self, fault: Fault) -> None:
        if self._listed < MAX_LISTED:
            self._csv.writerow(fault)
        elif self._listed == MAX_LISTED:
            self._csv.writerow((fault.line, "", "", "more_faults_than_listed"))
        self._listed += 1

    def save(self, name: str) -> str:
        key = f"reports/{name}.csv"
        self._spool.seek(0)
        self._client.put_object(Bucket=self._bucket, Key=key, Body=self._spool, ContentType=CSV)
        self._spool.seek(0, SEEK_END)
        return key


class S3Links:
    def __init__(self, client: "S3Client", bucket: str, max_bytes: int) -> None:
        self._client = client
        self._bucket = bucket
        self._max_bytes = max_bytes

    def upload(self, key: str) -> Upload:
        form = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": CSV},
            Conditions=[{"Content-Type": CSV}, ["content-length-range", 0, self._max_bytes]],
            ExpiresIn=LINK_SECONDS,
        )
        return Upload(form["url"], form["fields"])

    def download(self, key: str) -> str:
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=LINK_SECONDS
        )
