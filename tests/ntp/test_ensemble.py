from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ntp.simulated_network import Machine, Path, judged_every
from tests.ntp.test_source import RAW, READING, measured
from tidegauge.ntp.ensemble import judge
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.source import Source

SECOND, MILLISECOND = 10**9, 10**6


def source(name: str, offset: int) -> Source:
    made = Source(name, RAW)
    made.answered(replace(measured(offset), server=f"server of {name}"), READING)
    return made


def test_one_liar_of_four_is_named_and_has_no_say() -> None:
    sources = [source(name, offset) for name, offset in (("a", 0), ("b", 1000), ("c", -1000))]
    judgement = judge([*sources, source("liar", 5 * SECOND)], [OwnClock(None)], READING)
    assert [each.state for each in judgement.sources] == ["good", "good", "good", "falseticker"]
    assert (judgement.judge, judgement.good_sources, judgement.at) == ("sources", 3, READING.wall)
    assert judgement.bound is not None
    assert 4.99 * MILLISECOND < judgement.bound < 5.01 * MILLISECOND


def test_a_server_under_two_names_has_one_voice() -> None:
    liar = source("liar", 5 * SECOND)
    again = Source("liar again", RAW)
    assert liar.latest is not None
    again.answered(liar.latest, READING)
    judgement = judge([source("a", 0), source("b", 0), liar, again], [], READING)
    assert [each.state for each in judgement.sources] == ["good", "good", "falseticker", "repeated"]


def test_without_a_majority_the_kernel_is_asked() -> None:
    sources = [source("a", 0), source("b", SECOND)]
    judgement = judge(sources, [OwnClock(77)], READING)
    assert [each.state for each in judgement.sources] == ["undecided", "undecided"]
    assert (judgement.judge, judgement.bound, judgement.is_undecided) == ("kernel", 77, True)


def test_nobody_at_all_is_a_judgement_too() -> None:
    judgement = judge([], [OwnClock(None)], READING, step=-5)
    assert (judgement.judge, judgement.low, judgement.high, judgement.step) == ("none", None, None, -5)


def test_a_leap_second_is_what_most_good_servers_announce() -> None:
    def announcing(name: str, leap: Leap, offset: int = 0) -> Source:
        made = source(name, offset)
        assert made.latest is not None
        made.latest = replace(made.latest, leap=leap)
        return made

    sources = [announcing("a", Leap.INSERT), announcing("b", Leap.INSERT), announcing("c", Leap.NONE)]
    assert judge(sources, [], READING).leap == "insert"
    sources[0] = announcing("a", Leap.DELETE)
    assert judge(sources, [], READING).leap == ""
    # A liar has no say.
    sources[0] = announcing("a", Leap.NONE, 5 * SECOND)
    assert judge([*sources, announcing("d", Leap.INSERT)], [], READING).leap == "insert"
    assert judge([], [], READING).leap == ""


def test_a_source_is_told_with_all_that_is_known() -> None:
    silent = Source("silent", RAW)
    silent.missed("nobody home", RAW)
    told = judge([source("a", 0), silent], [], READING).sources
    assert (told[0].reach, told[0].poll, told[0].stratum, told[0].delay) == (1, 4, 1, 10 * MILLISECOND)
    assert (told[1].state, told[1].complaint, told[1].low) == ("unreachable", "nobody home", None)


# In milliseconds the width that three of four allow: the third best round trip, less what many answers
# cut off, and what the crystal may do until it is asked again.
HONEST = [Path(), Path(delay=2, jitter=0.5, root=1), Path(delay=10, jitter=5, loss=0.2), Path(delay=20)]
NETWORKS = {
    "all is well": (HONEST, 18),
    "unequal ways": ([replace(path, asymmetry=8) for path in HONEST], 30),
    "half is lost": ([replace(path, loss=0.5) for path in HONEST], 20),
    "much jitter": ([replace(path, jitter=30) for path in HONEST], 60),
    "one liar": ([*HONEST[1:], Path(delay=0.1, jitter=0.1, lie=40)], 10),
    "one drifts away": ([*HONEST[1:], Path(delay=0.1, jitter=0.1, lie_ppm=20)], 10),
    "one creeps away": ([*HONEST[1:], Path(delay=0.1, jitter=0.1, lie_ppm=0.5)], 10),
    "one clock jumps about": ([*HONEST[1:], Path(delay=0.1, jitter=300)], 40),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("seed", range(2))
def test_the_truth_is_inside_on_any_network_and_the_interval_narrow(name: str, seed: int) -> None:
    """Three hours with a crystal of 80 ppm that wanders; our wall clock is set twice meanwhile."""
    paths, limit_ms = NETWORKS[name]
    machine = Machine(seed, skew_ppm=80, wander_ppm=0.002)
    widths = []
    for second, truth, judgement in judged_every(3 * 3600, machine, paths, {4000: 5 * SECOND, 8000: -7}):
        if judgement.low is None or judgement.high is None:
            assert second < 60, (second, judgement)
            continue
        assert judgement.low <= truth <= judgement.high, (second, truth, judgement)
        widths.append(judgement.high - judgement.low)
    late = sorted(widths[len(widths) // 3 :])
    assert late[len(late) // 2] < limit_ms * MILLISECOND, late[len(late) // 2]
    assert min(source.poll for source in judgement.sources[:3]) >= 7
