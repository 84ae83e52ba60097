from __future__ import annotations

from tidegauge.ntp.poll_schedule import MAXIMUM_POLL, MINIMUM_POLL, PollSchedule

SECOND = 10**9


def intervals(schedule: PollSchedule, answers: list[bool | None]) -> list[int]:
    """Seconds to the next question after each answer: steady, unsteady, or None for none."""
    now, found = 0, []
    for answer in answers:
        if answer is None:
            schedule.missed(now)
        else:
            schedule.answered(now, is_steady=answer)
        assert schedule.due is not None
        found.append((schedule.due - now) // SECOND)
        now = schedule.due
    return found


def test_it_begins_with_a_burst_and_slows_down_while_nothing_is_lost() -> None:
    assert intervals(PollSchedule(0), [True] * 12) == [2, 2, 2, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024]


def test_it_hurries_where_the_bound_would_grow() -> None:
    schedule = PollSchedule(0)
    intervals(schedule, [True] * 7)
    assert intervals(schedule, [False] * 5) == [128, 64, 32, 16, 16]


def test_a_silent_server_is_asked_less_often_and_counts_as_unreachable() -> None:
    schedule = PollSchedule(0)
    assert not schedule.is_unreachable
    assert intervals(schedule, [None] * 15) == [2, 2, 2, *[16] * 4, 32, 64, 128, 256, 512, 1024, 1024, 1024]
    assert schedule.is_unreachable
    schedule.answered(0, is_steady=True)
    assert (schedule.is_unreachable, schedule.reach) == (False, 1)


def test_reach_forgets_after_eight() -> None:
    schedule = PollSchedule(0)
    intervals(schedule, [True, True, None, True])
    assert schedule.reach == 0b1101
    intervals(schedule, [None] * 7)
    assert schedule.reach == 0b10000000
    intervals(schedule, [None])
    assert (schedule.reach, schedule.is_unreachable) == (0, True)


def test_rate_doubles_the_interval_for_good() -> None:
    schedule = PollSchedule(0)
    assert schedule.is_willing
    for expected in (32, 64):
        schedule.slowed_down(0)
        assert schedule.due == expected * SECOND
    assert intervals(schedule, [False] * 3) == [64, 64, 64]
    assert not schedule.is_willing
    for _ in range(30):
        schedule.slowed_down(0)
    assert schedule.due == 2**17 * SECOND
    assert intervals(schedule, [True] * 8)[-1] == 2**17


def test_deny_ends_it() -> None:
    schedule = PollSchedule(0)
    schedule.refused()
    assert (schedule.due, schedule.is_refused, schedule.is_willing) == (None, True, False)


def test_the_range_is_that_of_the_rfc() -> None:
    assert (MINIMUM_POLL, MAXIMUM_POLL) == (4, 10)
