"""A lock is fresh if making it again changes nothing; no file says which index to use."""

from pathlib import Path

import pytest

from checks import locks
from checks.locks import CannotLock, main, named_indexes


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lock = tmp_path / "dev.txt"
    lock.write_text("desk==1.0\n")
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    monkeypatch.setattr(locks, "LOCKS", {"dev": lock})
    monkeypatch.setattr(locks, "committed", lambda: [lock])
    monkeypatch.setattr(locks, "compiled", lambda _group, present: present.read_text())
    return lock


def test_a_lock_that_compiles_to_itself_is_fresh(lock: Path) -> None:
    assert main([]) == 0


def test_a_lock_that_would_change_is_stale_until_it_is_made_again(
    lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locks, "compiled", lambda _group, _present: "desk==1.1\n")
    assert main([]) == 1
    assert "dev.txt is not what pyproject.toml asks for. Run `make lock`." in capsys.readouterr().out
    assert main(["--write"]) == 0
    assert lock.read_text() == "desk==1.1\n"


def test_versions_that_cannot_be_resolved_are_told_and_not_taken_for_fresh(
    lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unresolved(_group: str, _present: Path) -> str:
        raise CannotLock("no network")

    monkeypatch.setattr(locks, "compiled", unresolved)
    assert main([]) == 1
    assert "no network" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.com/simple",
        "  --extra-index-url x",
        "https://files.python" + "hosted.org/a.whl",
    ],
)
def test_a_file_that_names_an_index_is_named(lock: Path, line: str) -> None:
    lock.write_text(f"desk==1.0\n{line}\n")
    assert list(named_indexes([lock, lock.with_name("gone")])) == ["dev.txt names a package index."]
