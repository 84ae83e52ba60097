from __future__ import annotations

from dataclasses import replace

from tests.ntp.test_measurement import EXACT, NOW
from tidegauge.ntp.clock_reading import ClockReading
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.selection import Selection
from tidegauge.ntp.source import Source, SourceState

SECOND, MILLISECOND = 10**9, 10**6
RAW = 77 * SECOND
READING = ClockReading(RAW, NOW + 11 * MILLISECOND)


def measured(offset: int = 0, after: int = 0) -> Measurement:
    """An answer over 10 ms that says our clock is ``offset`` behind, a while after the first."""
    return replace(
        EXACT,
        sent=EXACT.sent + after,
        received=EXACT.received + after,
        server_received=EXACT.server_received + offset + after,
        server_sent=EXACT.server_sent + offset + after,
    )


def later(seconds: float, ahead: int = 0) -> ClockReading:
    """Our clocks later on; ``ahead`` is what the wall clock was set forward by meanwhile."""
    passed = int(seconds * SECOND)
    return ClockReading(READING.raw + passed, READING.wall + passed + ahead)


def state(source: Source) -> SourceState:
    interval = source.interval(READING)
    return source.state(Selection(interval, frozenset()), interval)


def test_an_answer_becomes_an_interval_of_our_error() -> None:
    source = Source("a", RAW)
    assert (state(source), source.interval(READING)) == (SourceState.WAITING, None)
    source.answered(measured(300 * MILLISECOND), READING)
    interval = source.interval(READING)
    assert interval is not None
    assert abs(interval.middle - 300 * MILLISECOND) <= 2
    assert 5 * MILLISECOND < interval.high - interval.middle < 5.001 * MILLISECOND
    assert state(source) == SourceState.GOOD


def test_setting_our_clock_changes_its_error_at_once() -> None:
    source = Source("a", RAW)
    source.answered(measured(), READING)
    interval = source.interval(later(1, ahead=300 * SECOND))
    assert interval is not None
    assert interval.low < -300 * SECOND < interval.high
    assert interval.high - interval.low < 11 * MILLISECOND


def test_a_server_that_does_not_know_the_time_has_nothing_to_say() -> None:
    source = Source("a", RAW)
    source.answered(replace(measured(), leap=Leap.UNSYNCHRONISED), READING)
    assert (state(source), source.interval(READING)) == (SourceState.UNSYNCHRONISED, None)
    assert "does not know" in source.complaint
    source.answered(measured(), later(16))
    assert (source.complaint, source.interval(later(16)) is None) == ("", False)


def test_silence_ends_in_unreachable_and_an_old_interval_is_not_kept() -> None:
    source = Source("a", RAW)
    source.answered(measured(), READING)
    for number in range(8):
        assert source.interval(READING) is not None
        source.missed("no answer", RAW + number * SECOND)
    assert (state(source), source.interval(READING)) == (SourceState.UNREACHABLE, None)
    assert source.complaint == "no answer"


def test_a_kiss_is_obeyed() -> None:
    source = Source("a", RAW)
    source.kissed("RATE", "slower", RAW)
    assert source.schedule.due == RAW + 32 * SECOND
    for code in ("DENY", "RSTR"):
        source = Source("a", RAW)
        source.answered(measured(), READING)
        source.kissed(code, "go away", RAW)
        assert (source.schedule.due, state(source)) == (None, SourceState.REFUSED)
        assert source.interval(READING) is None


def test_an_interval_too_wide_to_be_useful_is_none() -> None:
    source = Source("a", RAW)
    source.answered(replace(measured(), root_dispersion=2 * SECOND), READING)
    assert (state(source), source.interval(READING)) == (SourceState.VAGUE, None)


def test_the_others_decide_what_a_source_is_good_for() -> None:
    source = Source("a", RAW)
    source.answered(measured(), READING)
    interval = source.interval(READING)
    assert source.state(Selection(None, frozenset()), interval) == SourceState.UNDECIDED
    assert source.state(Selection(interval, frozenset({source})), interval) == SourceState.FALSETICKER


def test_polls_come_slower_while_the_bound_does_not_suffer() -> None:
    """A crystal of 100 ppm gathers the 10 ms of this path within minutes; once it is known, within hours."""
    source = Source("a", RAW)
    polls, passed = [], 0
    for _ in range(60):
        source.answered(measured(after=passed), later(passed / SECOND))
        polls.append(source.schedule.poll)
        assert source.schedule.due is not None
        passed = source.schedule.due - RAW
    assert set(polls[:10]) == {4}
    assert set(polls[-10:]) == {8, 9}


def test_what_was_said_before_a_sleep_is_forgotten() -> None:
    source = Source("a", RAW)
    source.answered(measured(), READING)
    source.forget_samples()
    assert source.interval(READING) is None
    source.answered(measured(300 * SECOND), later(16))
    assert source.restarts == 0
