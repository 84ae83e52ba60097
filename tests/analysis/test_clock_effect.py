from __future__ import annotations

from typing import Any

import pytest

from tidegauge.analysis.clock_correction import NONE, Corrected, Corrections
from tidegauge.analysis.clock_effect import with_correction
from tidegauge.analysis.clock_sightings import UPTIME, WALL, ClockKey
from tidegauge.clock.stretch import Stretch
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.clock_stretch import ClockStretch

SECOND = 1_000_000_000
EXPORTER = "192.0.2.9"
KEY = ClockKey(EXPORTER, 1, WALL)
WRONG = {"state": "wrong", "corrected": False, "note": "300.0 s fast"}
LATE = "flow times were 300.0 s late, put right to within 155.0 ms"
UNPROVEN = "records were not seen to tell the same clock's time, so times of their own are as told"
GOOD = {"state": "good", "corrected": False, "note": "off by at most 20 ms"}


def corrections(
    offset: int = 300 * SECOND, *, has_records: bool = True, above: int | None = 155_000_000
) -> Corrections:
    stretch = Stretch(0, 10, offset, offset, 20_000_000, above, SECOND, 0, 0, None, None)
    address = address_from_text(EXPORTER).to_bytes(16, "big")
    found = ClockStretch(address, 1, "ipfix", stretch, latest_record=-1)
    return Corrections((Corrected(found, is_wrong=True, has_records=has_records, was_wrong=False),))


def told(row: dict[str, Any], found: Corrections, key: ClockKey = KEY) -> tuple[bool, str]:
    said = with_correction(key, row, found)
    return said["corrected"], said["note"]


@pytest.mark.parametrize(
    ("row", "found", "said"),
    [
        (
            WRONG,
            corrections(),
            (True, "300.0 s fast; flow times were 300.0 s late, put right to within 155.0 ms"),
        ),
        (WRONG, corrections(above=None), (True, "300.0 s fast; flow times were 300.0 s late, put right")),
        (
            WRONG | {"note": "40.0 ms slow"},
            corrections(-40_000_000),
            (True, "40.0 ms slow; flow times were 40.0 ms early, put right to within 155.0 ms"),
        ),
        (
            WRONG,
            corrections(has_records=False),
            (False, f"300.0 s fast; {UNPROVEN}"),
        ),
        (WRONG, NONE, (False, "300.0 s fast; flow times are as it told")),
        (GOOD, NONE, (False, "off by at most 20 ms")),
        (
            GOOD,
            corrections(),
            (False, f"off by at most 20 ms; before that, {LATE}"),
        ),
    ],
)
def test_the_effect_is_said_and_whether_it_is_put_right(
    row: dict[str, Any], found: Corrections, said: tuple[bool, str]
) -> None:
    assert told(row, found) == said


def test_another_clock_is_not_spoken_of() -> None:
    assert told(WRONG, corrections(), ClockKey(EXPORTER, 1, UPTIME)) == (False, "300.0 s fast")
    assert told(WRONG, corrections(), ClockKey(EXPORTER, 2, WALL))[1].endswith("flow times are as it told")
