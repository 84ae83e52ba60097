from __future__ import annotations

import pytest

from tests.names.told import packed
from tidegauge.names.address import is_specified, packed_address


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1"])
def test_either_family_is_sixteen_bytes(text: str) -> None:
    assert packed_address(text) == packed(text)


def test_a_zone_is_dropped() -> None:
    assert packed_address("fe80::1%eth0") == packed("fe80::1")


@pytest.mark.parametrize("text", ["", "printer", "192.0.2.300", "<CNAME>"])
def test_other_text_is_no_address(text: str) -> None:
    assert packed_address(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("0.0.0.0", False), ("::", False), ("0.0.0.1", True), ("::1", True), ("2001:db8::", True)],
)
def test_zeros_are_what_blocked_names_get(text: str, is_one: bool) -> None:
    assert is_specified(packed(text)) is is_one
