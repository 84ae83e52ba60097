from __future__ import annotations

from tests.ntp.test_source import RAW, READING, measured
from tidegauge.ntp.ensemble import judge
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.source import Source

SECOND, MILLISECOND = 10**9, 10**6


def source(name: str, offset: int) -> Source:
    made = Source(name, RAW)
    made.answered(measured(offset), READING)
    return made


def test_one_liar_of_four_is_named_and_has_no_say() -> None:
    sources = [source(name, offset) for name, offset in (("a", 0), ("b", 1000), ("c", -1000))]
    judgement = judge([*sources, source("liar", 5 * SECOND)], [OwnClock(None)], READING)
    assert [each.state for each in judgement.sources] == ["good", "good", "good", "falseticker"]
    assert (judgement.judge, judgement.good_sources, judgement.at) == ("sources", 3, READING.wall)
    assert judgement.bound is not None
    assert 4.99 * MILLISECOND < judgement.bound < 5.01 * MILLISECOND


def test_without_a_majority_the_kernel_is_asked() -> None:
    sources = [source("a", 0), source("b", SECOND)]
    judgement = judge(sources, [OwnClock(77)], READING)
    assert [each.state for each in judgement.sources] == ["undecided", "undecided"]
    assert (judgement.judge, judgement.bound, judgement.is_undecided) == ("kernel", 77, True)


def test_nobody_at_all_is_a_judgement_too() -> None:
    judgement = judge([], [OwnClock(None)], READING, step=-5)
    assert (judgement.judge, judgement.low, judgement.high, judgement.step) == ("none", None, None, -5)


def test_a_source_is_told_with_all_that_is_known() -> None:
    silent = Source("silent", RAW)
    silent.missed("nobody home", RAW)
    told = judge([source("a", 0), silent], [], READING).sources
    assert (told[0].reach, told[0].poll, told[0].stratum, told[0].delay) == (1, 4, 1, 10 * MILLISECOND)
    assert (told[1].state, told[1].complaint, told[1].low) == ("unreachable", "nobody home", None)
