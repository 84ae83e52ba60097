from __future__ import annotations

from collections import Counter

from tidegauge.names.inflow import Inflow
from tidegauge.names.lines import lines


def test_lines_come_in_order_and_end_with_the_inflow() -> None:
    inflow = Inflow()
    assert inflow.offer(b"one")
    assert inflow.offer(b"")
    inflow.end()
    assert list(lines(inflow.stream, Counter())) == ["one", ""]
    assert inflow.readline() == b"", "it stays ended"


def test_a_line_without_room_is_refused() -> None:
    inflow = Inflow(most_waiting=1)
    assert (inflow.offer(b"one"), inflow.offer(b"two")) == (True, False)
