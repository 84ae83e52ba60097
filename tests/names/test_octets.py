from __future__ import annotations

import pytest

from tidegauge.names.octets import Octets


def test_bytes_and_numbers_in_turn() -> None:
    walk = Octets(b"\x01\x02\x03ab")
    assert (walk.number(1), walk.number(2), walk.take(2), walk.is_at_end) == (1, 0x0203, b"ab", True)


def test_nothing_is_read_past_the_end() -> None:
    walk = Octets(b"abc", place=1)
    with pytest.raises(ValueError, match="3 bytes wanted, 2 left"):
        walk.take(3)
    assert walk.take(2) == b"bc"
