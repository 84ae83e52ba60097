from __future__ import annotations

import pytest

from tidegauge.flow.fields import FIELDS
from tidegauge.query.vocabulary import PAIRS, Pair, field_or_pair, nearest


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_answers_to_its_name_and_words(field: object) -> None:
    for word in (field.name, field.name.upper(), *field.words):  # type: ignore[attr-defined]
        assert field_or_pair(word) is field


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_pairs_are_two_fields_of_one_type(pair: Pair) -> None:
    assert field_or_pair(pair.name) is pair
    assert pair.left.type == pair.right.type
    assert pair.left is not pair.right


def test_unknown_words_mean_nothing_but_may_resemble_something() -> None:
    assert field_or_pair("colour") is None
    assert nearest("colour") == ""
    assert nearest("exportr") == "exporter"
