from __future__ import annotations

import random

import pytest

from tests.names.told import packed
from tidegauge.analysis.known_packets import Share, export_delay, share_seen
from tidegauge.analysis.passings import Asked, Seen

SECOND = 1_000_000_000
US, SERVER = packed("10.0.0.7"), packed("198.51.100.1")


def asked(exchange: int, server: bytes = SERVER, *, is_connection: bool = False) -> Asked:
    return Asked(exchange, US, server, is_connection, exchange * SECOND)


def seen(exchange: int, *, is_question: bool = True, is_connection: bool = False, late: float = 1) -> Seen:
    sent, received = exchange * SECOND, exchange * SECOND + SECOND // 50
    return Seen(
        exchange=exchange,
        is_question=is_question,
        is_connection=is_connection,
        sent=sent,
        received=received,
        clock_bound=0,
        arrival=received + round(late * SECOND),
        reading=0,
        sampling_interval=None,
        is_delta=False,
    )


def test_only_packets_between_two_that_came_back_count() -> None:
    """Before the first and after the last the exporter may have been off, or not on the way at all."""
    numbers = range(20)
    assert share_seen(map(asked, numbers), [seen(5), seen(8), seen(10)]) == Share(4, 1)


def test_a_direction_or_a_server_never_seen_says_nothing() -> None:
    elsewhere = packed("198.51.100.2")
    both = [asked(number, elsewhere if number % 2 else SERVER) for number in range(20)]
    assert share_seen(both, [seen(number) for number in range(0, 20, 2)]) == Share(8, 8)


def test_connections_do_not_tell_how_many_packets_are_sampled() -> None:
    connections = [asked(number, is_connection=True) for number in range(20)]
    assert share_seen(connections, [seen(number, is_connection=True) for number in range(20)]) == Share(0, 0)


@pytest.mark.parametrize("interval", [1, 2, 10])
def test_the_interval_holds_the_sampling(interval: int) -> None:
    """It does for at least 90 of a hundred samplers, and is narrow enough to tell one from another."""
    chance = random.Random(interval)
    right = 0
    for _ in range(100):
        back = [seen(number) for number in range(400) if chance.random() < 1 / interval]
        low, high = share_seen(map(asked, range(400)), back).interval
        right += low <= 1 / interval <= high
        assert high - low < 0.11
    assert right >= 90


def test_export_delay_needs_no_clock_but_ours() -> None:
    delay = export_delay([seen(1, late=15), seen(2, late=15), seen(3, late=60), seen(4, is_connection=True)])
    assert delay is not None
    assert delay.middle == pytest.approx(15.01)
    assert delay.longest == pytest.approx(60.02)
    assert export_delay([]) is None
