"""Settings come from the environment, whole or not at all."""

import pytest
from pydantic import ValidationError

from jetbridge.runtime.settings import InvalidSettings, Settings


class DeskSettings(Settings):
    desk_table_name: str
    desk_count: int
    desk_colour: str = "oak"


def test_a_field_is_the_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TABLE_NAME", "desks")
    monkeypatch.setenv("DESK_COUNT", "3")
    assert DeskSettings.from_env() == DeskSettings(desk_table_name="desks", desk_count=3, desk_colour="oak")


def test_every_missing_or_malformed_variable_is_named_and_no_value_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DESK_TABLE_NAME", raising=False)
    monkeypatch.setenv("DESK_COUNT", "hunter2")
    with pytest.raises(InvalidSettings) as caught:
        DeskSettings.from_env()
    assert "DESK_TABLE_NAME" in str(caught.value)
    assert "DESK_COUNT" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_settings_do_not_change() -> None:
    settings = DeskSettings(desk_table_name="desks", desk_count=3)
    with pytest.raises(ValidationError, match="frozen"):
        settings.desk_count = 4  # type: ignore[misc]
