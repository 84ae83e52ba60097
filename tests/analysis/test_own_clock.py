from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.analysis.own_clock import (
    RELATIVE,
    OwnClock,
    by_our_clock,
    own_clock,
    own_clock_of,
    own_clock_sentence,
)
from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import JudgementWriter

NOON = 1_795_953_600 * 10**9
MINUTE = 60 * 10**9
GOOD, FALSE = SourceJudgement(server="a", state="good"), SourceJudgement(server="b", state="falseticker")
LINES = [
    ClockJudgement(at=NOON, judge="sources", low=-1_000_000, high=3_000_000, sources=(GOOD, GOOD, FALSE)),
    ClockJudgement(at=NOON + 5 * MINUTE, judge="sources", low=-4_000, high=4_000, sources=(GOOD, FALSE)),
    ClockJudgement(at=NOON + 9 * MINUTE, judge="kernel", low=-800, high=800, step=-5, sources=(FALSE, FALSE)),
    ClockJudgement(at=NOON + 20 * MINUTE, judge="none"),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.create(tmp_path / "lake")
    writer = JudgementWriter(lake)
    for line in LINES:
        writer.append(line)
    return lake


def test_the_widest_of_a_range_counts_and_what_held_at_its_start(lake: Lake) -> None:
    found = own_clock(lake, NOON + 2 * MINUTE, NOON + 10 * MINUTE)
    assert found == OwnClock(-2_000_000, 4_000_000, ("kernel", "sources"), 0, 1)
    assert found.bound == 4_000_000
    assert own_clock(lake, NOON + 6 * MINUTE, NOON + 7 * MINUTE) == OwnClock(
        -6_000, 6_000, ("sources",), 1, 0
    )


def test_once_nobody_knew_nothing_is_known(lake: Lake) -> None:
    found = own_clock(lake)
    assert found is not None
    assert (found.low, found.bound, found.judges) == (None, None, ("kernel", "none", "sources"))


def test_what_nobody_watched_is_not_judged(tmp_path: Path, lake: Lake) -> None:
    assert own_clock(lake, 0, NOON) is None
    assert own_clock(Lake.create(tmp_path / "other")) is None
    assert own_clock_of(None) is None


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        (OwnClock(-9, 4_000, ("sources",), 1, 0), "this machine's clock was within 4 µs (1 server)"),
        (
            OwnClock(2_000_000_000, 3_000_000_000, ("chrony", "sources"), 3, 0),
            "within 3.0 s (chrony, 3 servers)",
        ),
        (OwnClock(-1, 1, ("kernel",), 0, 2), "within 0 µs (kernel); it was set 2 times"),
        (OwnClock(None, None, ("none",), 0, 0), "was not kept by anybody: bounds are relative to it"),
    ],
)
def test_it_is_said_in_words(clock: OwnClock, sentence: str) -> None:
    assert sentence in own_clock_sentence(clock)


def test_an_answer_tells_it_in_seconds(lake: Lake) -> None:
    found = own_clock_of(own_clock(lake, NOON + 6 * MINUTE, NOON + 7 * MINUTE))
    assert found == {
        "offset_low": -6e-6,
        "offset_high": 6e-6,
        "bound_seconds": 6e-6,
        "judges": ["sources"],
        "good_sources": 1,
        "steps": 0,
        "note": "this machine's clock was within 6 µs (1 server)",
    }


OURS = OwnClock(-20_000_000, 5_000_000, ("kernel",), 0, 0)
FAST = {
    "offset_low": 0.012, "offset_high": 0.3, "state": "wrong", "method": "fitted to headers",
    "assumptions": ["delay"], "note": "15.0 ms fast",
}  # fmt: skip


def test_what_our_clock_may_be_off_widens_what_is_measured_by_it() -> None:
    told = by_our_clock(FAST | {"offset_low": 2.0, "offset_high": 2.3}, OURS)
    assert (told["offset_low"], told["offset_high"]) == (pytest.approx(1.995), pytest.approx(2.32))
    assert (told["state"], told["assumptions"]) == ("wrong", ["delay"])


def test_a_clock_is_not_called_wrong_for_what_may_be_the_error_of_ours() -> None:
    told = by_our_clock(FAST | {"offset_low": 0.003}, OURS)
    assert (told["state"], told["note"]) == ("good", "15.0 ms fast; ours may be as far off")
    assert told["offset_low"] < 0


@pytest.mark.parametrize("own", [None, OwnClock(None, None, ("none",), 0, 0)])
def test_where_nobody_knows_ours_is_assumed_to_be_right(own: OwnClock | None) -> None:
    assert by_our_clock(FAST, own) == FAST | {"assumptions": ["delay", RELATIVE]}


def test_a_side_without_a_bound_stays_open_and_exchanges_were_widened_before() -> None:
    assert by_our_clock(FAST | {"offset_high": None}, OURS)["offset_high"] is None
    by_exchanges = FAST | {"method": "two-way (3 exchanges)"}
    assert by_our_clock(by_exchanges, OURS) == by_exchanges
    unknown = FAST | {"offset_low": None, "offset_high": None}
    assert by_our_clock(unknown, None) == unknown
