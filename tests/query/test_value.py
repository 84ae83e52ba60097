from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.terms import values
from tidegauge.flow.fields import FIELDS
from tidegauge.query.syntax import Value
from tidegauge.query.value import kind_of, text_from_value, value_from_text

FIELD = {field.name: field for field in FIELDS}
WRITTEN_BARE = [field.name for field in FIELDS if kind_of(field) not in ("text", "elements")]


@given(st.sampled_from(WRITTEN_BARE).flatmap(lambda name: st.tuples(st.just(name), values(FIELD[name]))))
def test_a_value_written_and_read_is_the_same(pair: tuple[str, Value]) -> None:
    name, value = pair
    assert value_from_text(FIELD[name], text_from_value(FIELD[name], value)) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bytes", "1k", 1000),
        ("bytes", "1KiB", 1024),
        ("bytes", "2.5G", 2_500_000_000),
        ("bytes", "0x10", 16),
        ("src_as", "as64512", 64512),
        ("protocol", "icmpv6", 58),
        ("direction", "egress", 1),
        ("tcp_flags", "X", 63),
        ("tcp_flags", "0x1b", 27),
        ("tcp_rtt", "-20ms", -20_000_000),
        ("src_mac", "00-1B-44-11-3A-B7", b"\x00\x1bD\x11:\xb7"),
    ],
)
def test_ways_to_write_values(name: str, text: str, value: object) -> None:
    assert value_from_text(FIELD[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bytes", "AS5"), ("bytes", "-1"), ("bytes", "1X"), ("src_port", "65536"), ("tcp_flags", "Q"),
        ("tcp_flags", "65536"), ("duration", "300y"), ("tcp_rtt", "400000d"),
        ("src_mac", "00:1b-44:11:3a:b7"),
    ],
)  # fmt: skip
def test_what_a_field_cannot_hold(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        value_from_text(FIELD[name], text)
