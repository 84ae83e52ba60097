from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tidegauge.store.errors import LakeMissingError
from tidegauge.web.reader import CONCURRENT_QUERIES, Reader


def test_only_so_many_queries_run_at_once(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    running, most = 0, 0
    lock = threading.Lock()

    def look(_lake: object) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1

    async def ask() -> None:
        reader = Reader(lake.path)
        await asyncio.gather(*(reader.read(look) for _ in range(4 * CONCURRENT_QUERIES)))

    asyncio.run(ask())
    assert most == CONCURRENT_QUERIES


def test_a_lake_may_appear_later(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "lake")

    async def ask() -> Path:
        return await reader.read(lambda lake: lake.path)

    with pytest.raises(LakeMissingError):
        asyncio.run(ask())
    make_lake(tmp_path / "lake")
    assert asyncio.run(ask()) == tmp_path / "lake"
