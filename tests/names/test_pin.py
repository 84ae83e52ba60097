from __future__ import annotations

import pytest

from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.binding import Kind
from tidegauge.names.pin import PinError, pin


def test_a_pin_without_a_range_holds_always() -> None:
    told = pin("192.0.2.7", " Ann ", TimeRange())
    assert (told.kind, told.name, told.since, told.until) == (Kind.PERSON, "Ann", 0, None)
    assert (told.source, told.confidence, told.is_pinned) == ("pinned", 100, True)


def test_a_machine_for_a_while() -> None:
    told = pin("2001:db8::7", "printer", TimeRange(5, 9), is_machine=True)
    assert (told.kind, told.since, told.until) == (Kind.MACHINE, 5, 9)


@pytest.mark.parametrize(("address", "name", "part"), [("nowhere", "Ann", "address"), ("::1", " ", "name")])
def test_a_pin_that_cannot_be_meant_says_which_part(address: str, name: str, part: str) -> None:
    with pytest.raises(PinError) as caught:
        pin(address, name, TimeRange())
    assert caught.value.part == part
