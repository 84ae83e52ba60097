from __future__ import annotations

import pytest

from tidegauge.analysis.questions import question_named, question_names
from tidegauge.analysis.top import top


def test_a_question_is_found_by_its_name() -> None:
    assert "top" in question_names()
    assert question_named("top") is top


def test_an_unknown_one_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        question_named("oracle")
