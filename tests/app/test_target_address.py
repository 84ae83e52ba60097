from __future__ import annotations

import pytest

from tidegauge.app.target_address import TargetAddress


@pytest.mark.parametrize(
    "text", ["ntp://192.0.2.1", "tcp://[2001:db8::1]:443", "dns://resolver.example:5353"]
)
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    assert str(TargetAddress.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["192.0.2.1", "ntp://", "ntp://192.0.2.1/pool", "ntp://192.0.2.1?now", "ntp://192.0.2.1#1", ""]
)
def test_what_is_more_or_less_than_an_address_is_none(text: str) -> None:
    assert TargetAddress.parse(text) is None


@pytest.mark.parametrize("text", ["ntp://[2001:db8::1", "tcp://192.0.2.1:http", "tcp://192.0.2.1:70000"])
def test_a_part_that_is_none_is_pointed_at(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text.partition('[')[0]}"):
        TargetAddress.parse(text)
