from __future__ import annotations

from pathlib import Path

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW, running
from tests.web.visitor import Visitor
from tidegauge.store.copy_record import CopyFate, write_record


def test_what_nobody_ordered_is_not_told(visitor: Visitor) -> None:
    text = visitor.get("/metrics").body.decode()
    assert "raw_" not in text
    assert "forward" not in text


def test_copies_are_told_with_their_losses(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", FLOWS, LEDGER)
    kept = CopyFate(folder="/lake/raw/udp-::-2055", datagrams=7, lost_room=2)
    sent = CopyFate(target="udp://192.0.2.7:2055", datagrams=6, lost_queue=3, from_own=1, keeps_source=True)
    write_record(lake, "udp://[::]:2055", [kept, sent], NOW)
    write_record(lake, "udp://[::]:9", [kept], NOW - 3600 * 10**9)
    (lake.path / "raw" / "udp-::-2055").mkdir()
    (lake.path / "raw" / "udp-::-2055" / "2026-01-01T120000.000000000Z.pcapng.zst").write_bytes(bytes(50))
    with running(lake.path) as visitor:
        text = visitor.get("/metrics").body.decode()
    listener, target = 'listener="udp://[::]:2055"', 'target="udp://192.0.2.7:2055"'
    assert 'tidegauge_raw_bytes{folder="udp-::-2055"} 50\n' in text
    assert f"tidegauge_raw_datagrams_total{{{listener}}} 7\n" in text
    assert f'tidegauge_raw_lost_datagrams_total{{{listener},reason="disk"}} 2\n' in text
    assert f"tidegauge_forwarded_datagrams_total{{{listener},{target}}} 6\n" in text
    assert f"tidegauge_forwarded_from_own_total{{{listener},{target}}} 1\n" in text
    assert f'tidegauge_forward_lost_datagrams_total{{{listener},{target},reason="queue"}} 3\n' in text
    assert "udp://[::]:9" not in text, "who does not run is not told of"
