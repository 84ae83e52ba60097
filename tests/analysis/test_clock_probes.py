from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.test_clock_exchanges import header_clock
from tests.analysis.test_clock_pairs import EDGE, SPANS, said
from tests.analysis.test_clock_sightings import headers, rows_of
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.clock_probes import ONE_CLOCK, SKEW, with_probes
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.own_clock import RELATIVE
from tidegauge.flow.clock_probe import ClockProbe
from tidegauge.query.question import Query
from tidegauge.store.clock_probes import ProbeWriter

MILLISECOND = 1_000_000


def asked(number: int, offset: int = 0, **changed: Any) -> ClockProbe:
    """A question a minute, half a millisecond each way."""
    sent = NOON + number * 60 * SECOND
    shown = sent + MILLISECOND // 2 + offset
    told: dict[str, Any] = {"exporter": EDGE.exporter, "kind": "ntp", "clock_bound": 0, "fineness": 1_000}
    told |= {"sent": sent, "received": sent + MILLISECOND, "came": shown, "went": shown}
    return ClockProbe(**told | changed)


def bounded(own: dict[str, Any], *probes: ClockProbe) -> dict[str, Any]:
    return with_probes({EDGE: own}, probes, SPANS)[EDGE]


@pytest.mark.parametrize("error", [300, -300])
def test_what_an_exporter_answers_bounds_its_clock(error: int) -> None:
    told = bounded(said(error - 0.2, error + 0.2), *(asked(number, error * SECOND) for number in range(10)))
    assert told["offset_low"] <= error <= told["offset_high"] <= told["offset_low"] + 0.002
    assert (told["method"], told["assumptions"]) == ("asked by NTP (10 answers)", [SKEW, ONE_CLOCK])
    assert told["state"] == "wrong"


def test_where_nobody_knows_our_own_clock_that_is_said() -> None:
    told = bounded(said(-0.2, 0.2), asked(9, kind="icmp", clock_bound=None, fineness=MILLISECOND))
    assert told["method"] == "asked by ICMP timestamps (1 answer)"
    assert told["assumptions"] == [SKEW, ONE_CLOCK, RELATIVE]


def test_another_clock_than_that_of_its_exports_is_told_apart() -> None:
    own = said(299.8, 300.2)
    told = bounded(own, asked(9))
    assert told == own | {"note": "the clock that answered NTP is another one, or was set"}
    told = bounded(own, asked(8), asked(9, 300 * SECOND))
    assert told["note"] == "the clock that answered NTP is another one, or was set"


def test_others_and_earlier_answers_say_nothing() -> None:
    own = said(-0.2, 0.2)
    assert bounded(own, asked(9, exporter="192.0.2.99"), asked(-60)) == own


def test_clocks_takes_what_the_lake_holds(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    stamps = list(rows_of(headers(header_clock(0), 600), exporter=EDGE.exporter))
    add_segment(lake, "sightings", stamps)
    [before] = clocks(lake, Query(), NOON + 600 * SECOND).data
    writer = ProbeWriter(lake)
    for number in range(10):
        writer.append(asked(number))
    [row] = clocks(lake, Query(), NOON + 600 * SECOND).data
    assert (before["method"], row["method"]) == ("fitted to headers", "asked by NTP (10 answers)")
    assert row["offset_low"] <= 0 <= row["offset_high"] < before["offset_high"]
