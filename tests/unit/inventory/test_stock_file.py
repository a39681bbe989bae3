"""CSV files of any quality: what is accepted, what it means, and what is told of the rest."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.cells import MAX_PRODUCT_ID
from inventory.domain.header import DuplicateColumns, MissingColumns, NotUtf8, UnreadableFile
from inventory.domain.stock_file import MAX_FIELD, MAX_LINE, START, Fault, Row, Seam, StockFileReader

HEADER = "product_id,location,quantity,update_date\n"
DAY = "2026-11-21T00:00:00.000000Z"
EVER = "9999-12-31T23:59:59.999999Z"


def reader_of(text: str, start: Seam = START, latest: str = EVER) -> StockFileReader:
    content = text.encode("utf-8", "surrogateescape")

    def lines(start: int) -> Iterator[str]:
        return iter(content[start:].decode("utf-8", "surrogateescape").splitlines(keepends=True))

    return StockFileReader(lines, latest, start)


def read(text: str) -> list[Row | Fault]:
    return list(reader_of(text))


def read_one(row: str) -> Row | Fault:
    (found,) = read(HEADER + row)
    return found


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "P1,LHR,7,2026-11-21\n",
        HEADER.replace("\n", "\r\n") + "P1,LHR,7,2026-11-21\r\n",
        HEADER + "P1,LHR,7,2026-11-21",
        HEADER + '"P1","LHR","7","2026-11-21"\n',
        HEADER + '"P1", "LHR", "7", "2026-11-21"\n',
        HEADER + " P1 , lhr , 7 , 2026-11-21 \n",
        HEADER.replace(",", ";") + "P1;LHR;7;2026-11-21\n",
        HEADER.replace(",", "\t") + "P1\tLHR\t7\t2026-11-21\n",
        "Quantity,UPDATE_DATE, Location ,Product_ID\n7,2026-11-21,LHR,P1\n",
        "product_id,note,location,quantity,note,update_date\nP1,a,LHR,7,b,2026-11-21\n",
        HEADER + "P1,LHR,007,2026-11-21T00:00:00Z\n",
        HEADER + "P1,LHR,7,2026-11-21T02:00:00+02:00\n",
        HEADER + "P1,LHR,7,20261121\n",
        HEADER + "P1,LHR,7,2026-11-21\n\n   \n,,,\n\r\n",
    ],
)
def test_files_that_say_the_same_are_read_the_same(text: str) -> None:
    assert read(text) == [Row(2, "P1", "LHR", 7, DAY)]


@pytest.mark.parametrize("text", ["", "\n\n", HEADER, HEADER.strip(), HEADER + "\n\n"])
def test_a_file_without_rows_is_no_fault(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (",LHR,7,2026-11-21", "product_id", "", "missing"),
        (f"{'x' * 1024},LHR,7,2026-11-21", "product_id", "x" * 100, "too_long"),
        ("P\x001,LHR,7,2026-11-21", "product_id", "P\x001", "unprintable"),
        ("P\udce41,LHR,7,2026-11-21", "product_id", "P\udce41", "unprintable"),
        ("P1,,7,2026-11-21", "location", "", "missing"),
        ("P1,L/R,7,2026-11-21", "location", "L/R", "not_a_location"),
        ("P1,LHR,,2026-11-21", "quantity", "", "missing"),
        ("P1,LHR,-1,2026-11-21", "quantity", "-1", "negative"),
        ("P1,LHR,1e3,2026-11-21", "quantity", "1e3", "not_an_integer"),
        ("P1,LHR,1.0,2026-11-21", "quantity", "1.0", "not_an_integer"),
        ("P1,LHR,+1,2026-11-21", "quantity", "+1", "not_an_integer"),
        ("P1,LHR,٣,2026-11-21", "quantity", "٣", "not_an_integer"),
        ("P1,LHR,12345678901234567890,2026-11-21", "quantity", "12345678901234567890", "too_large"),
        ("P1,LHR,7,", "update_date", "", "missing"),
        ("P1,LHR,7,21/11/2026", "update_date", "21/11/2026", "not_an_iso_date"),
        ("P1,LHR,7,11/12/2026", "update_date", "11/12/2026", "not_an_iso_date"),
        ("P1,LHR,7,2026-02-30", "update_date", "2026-02-30", "not_an_iso_date"),
        ("P1,LHR,7,0001-01-01T00:00+01:00", "update_date", "0001-01-01T00:00+01:00", "not_an_iso_date"),
        ("P1,LHR,7", "", "P1,LHR,7", "wrong_field_count"),
        ("P1,LHR,7,2026-11-21,x", "", "P1,LHR,7,2026-11-21,x", "wrong_field_count"),
        (f'"{"x" * (MAX_FIELD + 1)}",LHR,7,2026-11-21', "", "", "field_too_long"),
    ],
)
def test_a_bad_row_is_told_with_line_column_value_and_reason(
    row: str, column: str, value: str, reason: str
) -> None:
    assert read_one(row) == Fault(2, column, value, reason)


@pytest.mark.parametrize("product_id", ['"', "a,b", 'say "hi"', "Ωμέγα ✈", "x" * MAX_PRODUCT_ID, "a#b/c?d"])
def test_any_printable_product_id_is_taken_as_it_is(product_id: str) -> None:
    quoted = product_id.replace('"', '""')
    assert read_one(f'"{quoted}",LHR,7,2026-11-21') == Row(2, product_id, "LHR", 7, DAY)


def test_only_airports_are_written_in_capitals() -> None:
    found = read(HEADER + "P1,lhr,7,2026-11-21\nP1,Warehouse A,7,2026-11-21\n")
    assert [row.location for row in found if isinstance(row, Row)] == ["LHR", "Warehouse A"]


def test_lines_are_those_of_the_file_even_after_a_quoted_line_break() -> None:
    rows = 'P1,LHR,7,2026-11-21,"a\nb"\nP2,LHR,x,2026-11-21,\nP3,LHR,7,2026-11-21,\n'
    found = read("\nproduct_id,location,quantity,update_date,note\n" + rows)
    assert [row.line for row in found] == [3, 5, 6]


@pytest.mark.parametrize(
    ("date", "accepted"),
    [
        ("2026-11-22T09:30:00Z", True),
        ("2026-11-22T10:30:00+01:00", True),
        ("2026-11-22T09:30:00.000001Z", False),
        ("2026-11-23", False),
        ("9999-12-31", False),
    ],
)
def test_a_date_after_the_latest_is_a_bad_row(date: str, accepted: bool) -> None:
    (found,) = reader_of(f"{HEADER}P1,LHR,7,{date}\n", latest="2026-11-22T09:30:00.000000Z")
    assert isinstance(found, Row) or found == Fault(2, "update_date", date, "in_the_future")
    assert isinstance(found, Row) == accepted


LONG = ["x" * MAX_LINE, "P9,LHR,7,2026-11-21" + " " * MAX_LINE, '"' + "é" * 3_000_000, '"", ' * 40_000]


@pytest.mark.parametrize("line", LONG)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_that_comes_in_pieces_is_one_bad_row(line: str, end: str) -> None:
    text = f'{HEADER}P1,LHR,7,2026-11-21{end}{line}{end}"P2",LHR,7,2026-11-21{end}'
    reader = StockFileReader(lambda start: in_pieces(text, start), EVER)
    rows = iter(reader)
    next(rows)
    before = reader.seam
    assert [(row.line, row[-1]) for row in rows] == [(3, "field_too_long"), (4, DAY)]
    assert reader.seam == (len(text.encode()), 4)
    again = StockFileReader(lambda start: in_pieces(text, start), EVER, before)
    assert [row.line for row in again] == [3, 4]


def test_a_long_line_in_a_quote_that_nothing_closes_costs_two_rows() -> None:
    text = f'{HEADER}"P1,LHR,7,2026-11-21\n{"x" * MAX_LINE}\nP2,LHR,7,2026-11-21\n'
    rows = StockFileReader(lambda start: in_pieces(text, start), EVER)
    assert [(row.line, row[-1]) for row in rows] == [(2, "unclosed_quote"), (3, "field_too_long"), (4, DAY)]
    assert rows.seam == (len(text), 4)


def in_pieces(text: str, start: int) -> Iterator[str]:
    """As files give it."""
    source = io.StringIO(text.encode()[start:].decode(), newline="")
    return iter(lambda: source.readline(MAX_LINE), "")


@given(st.sets(st.integers(0, 299), max_size=9), st.sampled_from(['"', ',"', '""x"']))
def test_a_stray_quote_costs_its_own_row_only(strays: set[int], quote: str) -> None:
    rows = [f"P{n},LHR,7,2026-11-21\n" for n in range(300)]
    for n in strays:
        rows[n] = quote + rows[n]
    reader = reader_of(HEADER + "".join(rows))
    found = list(reader)
    good = [row for row in found if isinstance(row, Row)]
    assert [row.product_id for row in good if row.product_id.startswith("P")] == [
        f"P{n}" for n in range(300) if n not in strays
    ]
    assert [row.line for row in found] == list(range(2, 302))
    assert reader.seam.lines == 301


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("product_id,location,quantity\nP1,LHR,7\n", MissingColumns),
        ("P1,LHR,7,2026-11-21\n", MissingColumns),
        (f"product_id,location,quantity,update_date,{'x' * (MAX_FIELD + 1)}\n", MissingColumns),
        (f"product_id,location,quantity,update_date{' ' * MAX_LINE}\n", MissingColumns),
        ("product_id,Quantity,location,quantity,update_date\n", DuplicateColumns),
        ("\udcff\udcfep\x00r\x00o\x00", NotUtf8),
        ("\udcfe\udcff\x00p\x00r\x00o", NotUtf8),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_as_a_whole(
    text: str, refusal: type[UnreadableFile]
) -> None:
    with pytest.raises(refusal):
        read(text)


def test_reading_takes_no_more_lines_than_it_has_told_rows() -> None:
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        yield HEADER
        while True:
            taken += 1
            yield f"P{taken},LHR,7,2026-11-21\n"

    rows = iter(StockFileReader(lambda _: lines(), EVER))
    for told in range(1, 50):
        next(rows)
        assert taken == told


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
            st.from_regex(r"[A-Z]{3}", fullmatch=True),
            st.integers(0, 10**9 - 1),
            st.datetimes(timezones=st.timezones()),
        ),
        max_size=20,
    ),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_back(
    rows: list[tuple[object, ...]], delimiter: str, line_end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["product_id", "location", "quantity", "update_date"])
    writer.writerows(rows)
    found = read(text.getvalue())
    assert [row[1:4] for row in found if isinstance(row, Row)] == [row[:3] for row in rows]


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for found in read(HEADER + text):
        assert isinstance(found, Row) or found.reason


# Pieces of files in which a seam may go wrong: line breaks in quotes, other ends, marks, bytes of no text.
PIECES = [
    "P1,LHR,7,2026-11-21",
    '"a\nb",LHR,7,2026-11-21',
    '"',
    "\r",
    "\n",
    "\r\n",
    "Ω",
    "\udcff",
    ",",
    "x,y",
]


@given(
    st.sampled_from(["", "\ufeff", "\n\n"]),
    st.lists(st.sampled_from([*PIECES, "P2,JFK,8,2026-11-21\n"]), max_size=30).map("".join),
)
def test_reading_on_at_any_seam_gives_every_row_once(mark: str, text: str) -> None:
    whole = mark + HEADER + text
    reader = reader_of(whole)
    seen = [(found, reader.seam) for found in reader]
    for number, (_, seam) in enumerate(seen):
        assert list(reader_of(whole, seam)) == [found for found, _ in seen[number + 1 :]]


def test_a_seam_stands_behind_a_quoted_line_break() -> None:
    header = "product_id,location,quantity,update_date,note\n"
    first = 'P1,LHR,7,2026-11-21,"a\r\nb"\nP2,JFK,8,2026-11-21,"Ω\nx"\n'
    text = header + first + "P3,LHR,9,2026-11-21,\n"
    reader = reader_of(text)
    rows = iter(reader)
    assert [row.line for row in (next(rows), next(rows))] == [2, 4]
    assert reader.seam == (len(text.encode()) - len("P3,LHR,9,2026-11-21,\n"), 5)
    assert [row.line for row in reader_of(text, reader.seam)] == [6]
