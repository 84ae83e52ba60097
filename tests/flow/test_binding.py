from __future__ import annotations

import msgspec
import pytest

from tidegauge.flow.binding import Binding, Kind

LEASE = Binding(
    kind=Kind.MAC, address=bytes(16), name="aa:bb:cc:dd:ee:ff", since=10, until=None,
    source="dhcp", confidence=90,
)  # fmt: skip


def test_a_binding_is_told_to_everybody_and_is_no_pin_unless_it_says_so() -> None:
    assert (LEASE.client, LEASE.is_pinned) == (None, False)


def test_the_same_said_twice_is_the_same() -> None:
    assert msgspec.structs.replace(LEASE) == LEASE
    assert len({LEASE, msgspec.structs.replace(LEASE)}) == 1


def test_a_binding_never_changes() -> None:
    with pytest.raises(AttributeError):
        LEASE.name = "somebody else"  # type: ignore[misc]
