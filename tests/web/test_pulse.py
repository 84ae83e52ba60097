from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.sample_lake import add_segment, make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW
from tidegauge.web import pulse as pulse_module
from tidegauge.web.pulse import Pulse
from tidegauge.web.reader import Reader


def test_a_beat_tells_what_changed_since_the_one_a_watcher_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "REST_FACTOR", 0)  # a first look may take long

    async def watch() -> None:
        lake = make_lake(tmp_path / "lake", FLOWS[:1], LEDGER)
        pulse = Pulse(Reader(lake.path, lambda: NOW))
        first = await pulse.beat()
        assert first.changes(None) == {"flows": True, "options": True, "sightings": True, "ledger": True}
        assert first.overview["flows"] == 3
        add_segment(lake, "flows", FLOWS[1:])
        await asyncio.sleep(1.0)
        second = await pulse.beat()
        assert second.changes(first) == {"flows": True, "options": False, "sightings": False, "ledger": False}
        assert second.changes(second) == {
            "flows": False,
            "options": False,
            "sightings": False,
            "ledger": False,
        }

    asyncio.run(watch())


def test_many_watchers_cost_one_look(tmp_path: Path) -> None:
    async def watch() -> None:
        lake = make_lake(tmp_path / "lake", FLOWS)
        pulse = Pulse(Reader(lake.path, lambda: NOW))
        beats = await asyncio.gather(*(pulse.beat() for _ in range(20)))
        assert all(beat is beats[0] for beat in beats)

    asyncio.run(watch())
