from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from tidegauge.app import neighbour_watch
from tidegauge.app.neighbour_watch import NeighbourWatch, neighbours_now
from tidegauge.flow.binding import Binding


def test_what_is_new_is_told_and_a_look_that_fails_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_watch, "LOOK_SECONDS", 0.001)
    line = b"192.0.2.%d dev eth0 lladdr 00:1b:44:11:3a:%02d REACHABLE\n"
    tables = iter([line % (1, 1), None, line % (1, 1), line % (1, 1) + line % (2, 2)])
    told: list[str] = []

    def look() -> bytes:
        table = next(tables, b"")
        if table is None:
            raise OSError("busy")
        return table

    def tell(bindings: Iterable[Binding]) -> None:
        told.extend(binding.name for binding in bindings)

    watch = NeighbourWatch(lambda: 10**18, tell, look)
    watch.start()
    deadline = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    watch.stop()
    assert told == ["00:1b:44:11:3a:01", "00:1b:44:11:3a:02"]


def test_without_the_tool_the_kernels_own_table_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert neighbours_now().startswith(b"IP address")
