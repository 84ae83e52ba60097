from __future__ import annotations

from tidegauge.flow.field import Field
from tidegauge.query.named_numbers import NAMED_NUMBERS, PORTS, SHOWN_BY_NAME
from tidegauge.query.value import text_from_value, value_from_text
from tidegauge.query.vocabulary import field_or_pair


def test_every_name_is_read_as_its_number() -> None:
    for name, numbers in NAMED_NUMBERS.items():
        field = field_or_pair(name)
        assert isinstance(field, Field)
        assert {word: value_from_text(field, word.upper()) for word in numbers} == numbers


def test_only_some_are_written_by_name() -> None:
    for name in NAMED_NUMBERS:
        field = field_or_pair(name)
        assert isinstance(field, Field)
        assert text_from_value(field, 1).isdecimal() == (name not in SHOWN_BY_NAME)


def test_ports_agree_with_the_registry() -> None:
    assert (PORTS["https"], PORTS["domain"], PORTS["ntp"], PORTS["ipfix"]) == (443, 53, 123, 4739)
