"""What is made from the contracts is compared with what stands there, byte for byte."""

from pathlib import Path

import pytest

from checks import exports
from checks.exports import main, stale, write


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    monkeypatch.setattr(exports, "ROOT", tmp_path)
    monkeypatch.setattr(exports, "SCHEMAS", schemas)
    made = {schemas / "DeskSold.json": "{}\n", tmp_path / "docs" / "events.md": "# Events\n"}
    monkeypatch.setattr(exports, "exports", lambda: made)
    return made


def test_what_was_just_written_is_fresh(made: dict[Path, str]) -> None:
    assert main(["--write"]) == 0
    assert {path: path.read_text() for path in made} == made
    assert main([]) == 0


def test_what_is_missing_changed_or_no_more_is_stale_and_named_with_the_command_that_repairs(
    made: dict[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    schema, page = made
    schema.write_text("{ }\n")
    gone = schema.with_name("ChairSold.json")
    gone.write_text("{}\n")
    assert set(stale(made)) == {schema, page, gone}
    assert main([]) == 1
    said = capsys.readouterr().out
    assert all(name in said for name in ("DeskSold.json", "ChairSold.json", "events.md", "make exports"))
    write(made)
    assert list(stale(made)) == []
    assert not gone.exists()
