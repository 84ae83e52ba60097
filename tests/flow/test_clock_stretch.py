from __future__ import annotations

import msgspec

from tidegauge.clock.stretch import Stretch
from tidegauge.flow.clock_stretch import ClockStretch

SECOND = 1_000_000_000
STRETCH = Stretch(0, 10, 300, 300, 20, 230, SECOND, 3, 0, None, None)
FOUND = ClockStretch(b"\x00\xff" * 8, 1, "netflow9", STRETCH, -5, changes=2, age_quantum=SECOND)


def test_it_survives_a_file() -> None:
    whole = msgspec.structs.replace(FOUND, former=FOUND)
    assert msgspec.json.decode(msgspec.json.encode(whole), type=ClockStretch) == whole
    assert hash(whole) == hash(msgspec.structs.replace(FOUND, former=FOUND))


def test_ages_are_even_where_the_uptime_is_rounded_as_the_time_is() -> None:
    assert FOUND.has_even_ages
    assert not msgspec.structs.replace(FOUND, age_quantum=1_000_000).has_even_ages
    assert not msgspec.structs.replace(FOUND, age_quantum=None).has_even_ages
