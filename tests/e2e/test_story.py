"""The story that `make run` tells comes out right."""

import pytest

from sandbox.outputs import Outputs
from sandbox.story import Story

pytestmark = pytest.mark.e2e


def test_the_story_comes_out_right(application: Outputs) -> None:
    rows = list(Story(application).tell())
    assert [row for row in rows if not row.right] == []
    assert len(rows) == 9
