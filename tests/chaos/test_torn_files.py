"""What a failing disk left of a killed collector's files: the rest is good, and the loss is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.flow_sender import send, wait_until
from tests.numbered_flows import numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.tail import tails_in

FIRST, SECOND, THIRD = range(1, 91), range(91, 181), range(181, 211)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def blot(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize(("table", "tear"), [("flows", cut), ("flows", blot), ("ledger", empty)])
def test_a_torn_file_costs_its_own_flows_and_no_more(
    tmp_path: Path, table: str, tear: Callable[[Path], None]
) -> None:
    lake = Lake.create(tmp_path / "lake")
    with Daemon(lake.path) as first:
        send(first.address, FIRST)
        wait_until(lambda: len(numbers_in(lake)) == len(FIRST))
        send(first.address, SECOND)
        wait_until(lambda: len(numbers_in(lake)) == len(FIRST) + len(SECOND))
        first.kill()
    [tail] = tails_in(lake.path / "tail")
    torn = tail.sets_after(0)[0]
    with_it = set(numbers_in(lake))
    tear(torn.paths[table])
    with Daemon(lake.path, first.address.port) as second:
        wait_until(lambda: "is torn" in second.log)
        wait_until(lambda: not tail.sets_after(0) or bool(lake.manifest().segments))
        send(second.address, THIRD)
        wait_until(lambda: THIRD[-1] in numbers_in(lake))
        second.stop()
    numbers = set(numbers_in(lake))
    gone = with_it - numbers
    assert gone
    assert gone <= set(FIRST), "the first set is of the first flows"
    assert set(SECOND) | set(THIRD) <= numbers
    told = ledger(lake.path)
    assert (told["stored"], told["lost_write"]) == (len(numbers), len(gone))
    aside = lake.path / "damaged" / tail.writer_id
    assert torn.paths[table].name in {path.name for path in aside.iterdir()}
    assert str(aside) in second.log, "it says where they are"
