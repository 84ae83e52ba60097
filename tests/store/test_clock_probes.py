from __future__ import annotations

from pathlib import Path

import msgspec

from tests.sample_lake import NOON, SECOND
from tidegauge.flow.clock_probe import ClockProbe
from tidegauge.store.clock_probes import ProbeWriter, probes_between
from tidegauge.store.lake import Lake

PROBE = ClockProbe(
    exporter="192.0.2.1", kind="icmp", sent=NOON, received=NOON + 9, came=NOON, went=NOON, fineness=1
)


def test_answers_are_read_as_they_were_written(tmp_path: Path) -> None:
    lake, later = Lake.create(tmp_path), msgspec.structs.replace(PROBE, sent=NOON + SECOND, clock_bound=5)
    writer = ProbeWriter(lake)
    for probe in (later, PROBE):
        writer.append(probe)
    [file] = (tmp_path / "clock_probes").iterdir()
    with file.open("ab") as torn:
        torn.write(b'{"exporter": "192')
    assert probes_between(lake, NOON, NOON + 2 * SECOND) == [PROBE, later]
    assert probes_between(lake, NOON + 1, NOON + SECOND) == []
