"""A stock file of a million rows is read in constant memory; and a reader that held it would be found."""

from pathlib import Path

import pytest

from bench.stock_files import make_file, memory_growth

MOST = 64 << 20  # bytes


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "stock.csv"
    make_file(path, 1_000_000)
    return path


def test_a_million_rows_are_read_in_constant_memory(million: Path) -> None:
    assert memory_growth(million) < MOST


def test_a_reader_that_held_the_rows_would_be_found(million: Path) -> None:
    assert memory_growth(million, way="hold") > MOST
