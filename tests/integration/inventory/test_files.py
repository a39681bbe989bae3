"""Stock files in S3: read as a stream, reported on, and linked to."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from inventory.adapters.s3_files import MAX_LISTED, PIECE, S3Files, S3Links
from inventory.domain.files import FileGone, StoredFile
from inventory.domain.imports import Checkpoint
from inventory.domain.stock_file import Fault, Row, StockFileReader
from jetbridge.runtime import aws
from tests.integration.inventory.warehouse import BUCKET, HEADER, Warehouse

EVER = "9999-12-31T23:59:59.999999Z"


def stored(body: bytes, key: str = "incoming/stock.csv") -> StoredFile:
    etag = boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
    return StoredFile(BUCKET, key, etag, len(body), "v1")


@pytest.fixture
def files(_account: None) -> S3Files:
    return S3Files(aws.client("s3"))


def test_a_file_comes_in_pieces_from_any_byte_on(files: S3Files) -> None:
    content = b"a,b\r\n" * PIECE
    file = stored(content)
    assert {len(piece) for piece in files.pieces(file, 0)} == {PIECE}
    assert b"".join(files.pieces(file, 0)) == content
    assert b"".join(files.pieces(file, 7)) == content[7:]
    assert list(files.pieces(file, file.size)) == []


def taken(files: S3Files, file: StoredFile, number: int) -> tuple[list[Row], list[Fault]]:
    faults: list[Fault] = []
    return StockFileReader(partial(files.pieces, file), faults.append, EVER).take(number), faults


def test_bytes_that_are_no_utf_8_cost_their_own_row_only(files: S3Files) -> None:
    rows = b"P1,LHR,1,2026-11-20\nP\xe9,LHR,2,2026-11-20\nP3,LHR,3,2026-11-20\n"
    good, faults = taken(files, stored(HEADER.encode() + rows), 99)
    assert [row[0] for row in good] == [2, 4]
    assert [fault.line for fault in faults] == [3]


class EndlessBody:
    """A body that never ends and counts what was read of it."""

    def __init__(self) -> None:
        self.read_bytes = 0
        self._rows = (f"P{n},LHR,{n},2026-11-20\n".encode() for n in count())
        self._left = HEADER.encode()

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while True:
            while len(self._left) < size:
                self._left += next(self._rows)
            piece, self._left = self._left[:size], self._left[size:]
            self.read_bytes += size
            yield piece


def test_no_more_of_a_file_is_read_than_its_rows_need() -> None:
    body = EndlessBody()

    class Client:
        def get_object(self, **_: Any) -> dict[str, Any]:
            return {"Body": body}

    files = S3Files(Client())  # type: ignore[arg-type]
    endless = StoredFile(BUCKET, "incoming/endless.csv", "e", 1 << 40, "v")
    good, faults = taken(files, endless, 10_000)
    assert (len(good), faults) == (10_000, [])
    assert body.read_bytes < 10_000 * 30


def test_a_file_that_was_deleted_or_replaced_is_gone(files: S3Files) -> None:
    first = stored(b"first")
    stored(b"second")
    with pytest.raises(FileGone):
        files.pieces(first, 0)
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=first.key)
    with pytest.raises(FileGone):
        files.pieces(first, 0)


def test_faults_become_a_csv_beside_the_files(files: S3Files, warehouse: Warehouse) -> None:
    with files.error_report(stored(b""), Checkpoint()) as report:
        report.add(Fault(3, "product_id", 'P\udce9"', "unprintable"))
        key = report.save("import-1")
    text = 'line,column,value,reason\r\n3,product_id,"P\\udce9""",unprintable\r\n'
    assert warehouse.report(key) == text


def test_the_next_reader_goes_on_with_the_report(files: S3Files, warehouse: Warehouse) -> None:
    with files.error_report(stored(b""), Checkpoint()) as report:
        report.add(Fault(3, "location", "?", "not_a_location"))
        so_far = Checkpoint(rows_rejected=1, error_report=report.save("import-1/10"))
        report.add(Fault(4, "", "", "lost with its reader"))
    with files.error_report(stored(b""), so_far) as report:
        report.add(Fault(5, "", "", "wrong_field_count"))
        first = report.save("import-1/20")
        report.add(Fault(6, "", "", "wrong_field_count"))
        second = report.save("import-1")
    lines = warehouse.report(second).splitlines()
    assert [line.split(",")[0] for line in lines] == ["line", "3", "5", "6"]
    assert warehouse.report(first).splitlines() == lines[:-1]


def test_a_report_does_not_grow_for_ever(files: S3Files, warehouse: Warehouse) -> None:
    with files.error_report(stored(b""), Checkpoint()) as report:
        for line in range(MAX_LISTED + 10):
            report.add(Fault(line, "", "", "wrong_field_count"))
        key = report.save("import-1")
    lines = warehouse.report(key).splitlines()
    assert len(lines) == MAX_LISTED + 2
    assert lines[-1] == f"{MAX_LISTED},,,more_faults_than_listed"


def test_links_are_of_the_buckets_own_region_and_for_one_key() -> None:
    links = S3Links(aws.client("s3"), BUCKET, max_bytes=1000)
    upload = links.upload("incoming/import-1/stock.csv")
    assert upload.url == f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/"
    assert upload.fields["key"] == "incoming/import-1/stock.csv"
    assert upload.fields["Content-Type"] == "text/csv"
    link = urlsplit(links.download("reports/import-1.csv"))
    assert link.path == "/reports/import-1.csv"
    assert parse_qs(link.query)["X-Amz-Expires"] == ["900"]
