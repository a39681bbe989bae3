"""CSV files of any quality: what is accepted, what it means, and what is told of the rest."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.cells import MAX_PRODUCT_ID
from inventory.domain.header import DuplicateColumns, MissingColumns, NotUtf8, UnreadableFile
from inventory.domain.lines import MAX_FIELD, MAX_LINE, START, Lines, Seam
from inventory.domain.stock_file import MAX_LINES, Fault, StockFileReader

HEADER = "product_id,location,quantity,update_date\n"
DAY = "2026-11-21T00:00:00.000000Z"
EVER = "9999-12-31T23:59:59.999999Z"


class Row(NamedTuple):
    """What a row's five values are."""

    line: int
    product_id: str
    location: str
    quantity: int
    update_date: str


class Reading:
    """A reader of a text that comes in pieces of `piece` bytes, and what it has told."""

    def __init__(self, text: str, start: Seam = START, *, piece: int = 1 << 20, latest: str = EVER) -> None:
        content = text.encode("utf-8", "surrogateescape")

        def open_at(start: int) -> Iterator[bytes]:
            return (content[at : at + piece] for at in range(start, len(content), piece))

        self.told: list[Row | Fault] = []
        self._reader = StockFileReader(open_at, self.told.append, latest, start)

    @property
    def seam(self) -> Seam:
        return self._reader.seam

    def take(self, number: int) -> int:
        """How many rows came."""
        rows = [Row(*row) for row in self._reader.take(number)]
        self.told += rows
        self.told.sort(key=lambda each: each.line)
        return len(rows)

    def to_its_end(self, number: int = 99) -> list[Row | Fault]:
        while self.take(number):
            pass
        return self.told


def read(text: str) -> list[Row | Fault]:
    """However it comes and however many rows are taken at a time, it says the same."""
    told = Reading(text).to_its_end()
    for number, piece in ((1, 1), (2, 7), (99, 5), (1, 1 << 20)):
        assert Reading(text, piece=piece).to_its_end(number) == told
    return told


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


def test_bad_rows_among_good_ones_cost_themselves_only() -> None:
    good, bad = "P1,LHR,7,2026-11-21\n", "P1,LHR,-7,2026-11-21\nP1,LHR,7\n,LHR,7,2026-11-21\n,,,\n"
    reader = Reading(HEADER + (good * 40 + bad) * 5)
    assert reader.take(99) == 99
    assert reader.seam.lines == 1 + 99 + 2 * 4  # not those that follow
    found = reader.to_its_end()
    assert [row.line for row in found if isinstance(row, Fault)] == [
        1 + 44 * block + line for block in range(5) for line in (41, 42, 43)
    ]
    assert len([row for row in found if isinstance(row, Row)]) == 200


def test_only_airports_are_written_in_capitals() -> None:
    found = read(HEADER + "P1,lhr,7,2026-11-21\nP1,Warehouse A,7,2026-11-21\n")
    assert [row.location for row in found if isinstance(row, Row)] == ["LHR", "Warehouse A"]


@pytest.mark.parametrize("quantity", ["x", "8"])
def test_lines_are_those_of_the_file_even_after_a_quoted_line_break(quantity: str) -> None:
    rows = f'P1,LHR,7,2026-11-21,"a\nb"\nP2,LHR,{quantity},2026-11-21,\nP3,LHR,7,2026-11-21,\n'
    found = read("\nproduct_id,location,quantity,update_date,note\n" + rows)
    assert [row.line for row in found] == [3, 5, 6]


@given(st.sets(st.integers(0, 299), max_size=9), st.sampled_from(['"', ',"', '""x"']))
def test_a_stray_quote_costs_its_own_row_only(strays: set[int], quote: str) -> None:
    rows = [f"P{n},LHR,7,2026-11-21\n" for n in range(300)]
    for n in strays:
        rows[n] = quote + rows[n]
    reader = Reading(HEADER + "".join(rows))
    found = reader.to_its_end()
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


def test_reading_takes_no_more_of_a_file_than_the_rows_it_has_given() -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        yield HEADER.encode()
        while True:
            taken += 1
            yield f"P{taken},LHR,7,2026-11-21\n".encode()

    reader = StockFileReader(lambda _: pieces(), lambda _: None, EVER)
    for told in range(1, 50):
        assert len(reader.take(3)) == 3
        assert taken == 3 * told


def test_a_file_without_line_ends_is_a_missing_header_and_not_held_as_a_whole() -> None:
    pieces = [b"x" * MAX_LINE] * 1000
    tracemalloc.start()
    with pytest.raises(MissingColumns):
        StockFileReader(lambda _: pieces, lambda _: None, EVER)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MAX_LINE


@given(
    st.lists(st.sampled_from([b"x", b"\r", b"\n", b"\r\n", b"\xce\xa9", b"\xff", b"y" * (MAX_LINE - 2)])),
    st.sampled_from([1000, MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 3 * MAX_LINE]),
    st.integers(0, 9),
)
def test_lines_are_the_same_however_the_pieces_fall(parts: list[bytes], piece: int, done: int) -> None:
    content = b"".join(parts)
    whole = list(Lines([content]))
    assert len(whole) == len(content.splitlines())
    assert all(len(line) < MAX_LINE for line in whole)
    lines = Lines(content[at : at + piece] for at in range(0, len(content), piece))
    assert list(lines) == whole
    lines.done = min(done, len(whole))
    assert lines.seam.bytes == sum(map(len, content.splitlines(keepends=True)[: lines.done]))
    assert list(Lines([content[lines.seam.bytes :]], lines.seam)) == list(lines) == whole[lines.done :]


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
    text = f"{HEADER}P1,LHR,7,{date}\nP2,LHR,7,2026-11-22\n"
    found, _ = Reading(text, latest="2026-11-22T09:30:00.000000Z").to_its_end()
    assert isinstance(found, Row) or found == Fault(2, "update_date", date, "in_the_future")
    assert isinstance(found, Row) == accepted


LONG = ["x" * MAX_LINE, "P9,LHR,7,2026-11-21" + " " * MAX_LINE, '"' + "é" * 300_000, '"", ' * 40_000]


@pytest.mark.parametrize("line", LONG)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("piece", [4096, 1 << 20])
def test_a_line_that_is_too_long_is_one_bad_row(line: str, end: str, piece: int) -> None:
    text = f'{HEADER}P1,LHR,7,2026-11-21{end}{line}{end}"P2",LHR,7,2026-11-21{end}'
    reader = Reading(text, piece=piece)
    assert reader.take(1) == 1
    before = reader.seam
    assert [(row.line, row[-1]) for row in reader.to_its_end()[1:]] == [(3, "field_too_long"), (4, DAY)]
    assert reader.seam == (len(text.encode()), 4)
    assert [row.line for row in Reading(text, before, piece=piece).to_its_end()] == [3, 4]


def test_a_long_line_in_a_quote_that_nothing_closes_costs_two_rows() -> None:
    text = f'{HEADER}"P1,LHR,7,2026-11-21\n{"x" * MAX_LINE}\nP2,LHR,7,2026-11-21\n'
    reader = Reading(text, piece=4096)
    told = [(row.line, row[-1]) for row in reader.to_its_end()]
    assert told == [(2, "unclosed_quote"), (3, "field_too_long"), (4, DAY)]
    assert reader.seam == (len(text), 4)


def test_quotes_that_never_end_are_looked_for_nearby_only() -> None:
    """Each line ends one and opens another: were all that follow read for each, reading took the square."""
    line, taken, faults = '"x","\n', 0, list[Fault]()

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        yield HEADER.encode()
        while taken < 1000:
            taken += 1
            yield line.encode()

    def tell(fault: Fault) -> None:
        faults.append(fault)
        assert taken <= len(faults) + MAX_LINES

    reader = StockFileReader(lambda _: pieces(), tell, EVER)
    assert reader.take(1) == []
    assert [(fault.line, fault.reason) for fault in faults[:-1]] == [
        (number, "unclosed_quote") for number in range(2, 1001)
    ]


def test_a_quoted_cell_of_many_lines_is_read_and_one_of_more_costs_its_row() -> None:
    header, many = HEADER.replace("\n", ",note\n"), "\n" * (MAX_LINES - 1)
    good = f'P1,LHR,7,2026-11-21,"{many}"\nP2,LHR,7,2026-11-21,\n'
    assert [row.line for row in Reading(header + good).to_its_end()] == [2, 2 + MAX_LINES]
    longer = f'P1,LHR,7,2026-11-21,"{many}\n"\nP2,LHR,7,2026-11-21,\n'
    first, *_, last = Reading(header + longer).to_its_end()
    assert first == Fault(2, "", 'P1,LHR,7,2026-11-21,"', "unclosed_quote")
    assert last.line == 3 + MAX_LINES


def test_junk_in_every_cell_is_not_held() -> None:
    junk = ("x" * MAX_FIELD,) * 3

    def pieces() -> Iterator[bytes]:
        yield HEADER.encode()
        for number in range(2000):
            yield f"P,{','.join(f'{cell[9:]}{number}' for cell in junk)}\n".encode()

    reader = StockFileReader(lambda _: pieces(), lambda _: None, EVER)
    tracemalloc.start()
    assert reader.take(1) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * MAX_FIELD


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
    '"c\n",LHR,7,2026-11-21\n',
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
    told = read(whole)
    for number in (1, 2, 5):
        reader = Reading(whole, piece=11)
        while reader.take(number):
            rest = told[len(reader.told) :]
            assert Reading(whole, reader.seam, piece=3).to_its_end(number) == rest


def test_a_seam_stands_behind_a_quoted_line_break() -> None:
    header = "product_id,location,quantity,update_date,note\n"
    first = 'P1,LHR,7,2026-11-21,"a\r\nb"\nP2,JFK,8,2026-11-21,"Ω\nx"\n'
    text = header + first + "P3,LHR,9,2026-11-21,\n"
    reader = Reading(text)
    assert reader.take(2) == 2
    assert [row.line for row in reader.told] == [2, 4]
    assert reader.seam == (len(text.encode()) - len("P3,LHR,9,2026-11-21,\n"), 5)
    assert [row.line for row in Reading(text, reader.seam).to_its_end()] == [6]
