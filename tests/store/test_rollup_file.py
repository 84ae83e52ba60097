from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.store.lake import Lake
from tidegauge.store.rollup_file import join_rollups, rollup_path, write_rollup
from tidegauge.store.segment import HOUR, Segment

PARTS = 3


def drawn(random: Random, hour: int) -> Row:
    start = NOON + hour * HOUR + random.randrange(HOUR)
    return {
        "received": start + SECOND, "start": start, "end": start + random.choice((0, SECOND, 2 * HOUR)),
        "exporter": random.choice(("192.0.2.1", "2001:db8::1")), "observation_domain": random.choice((0, 7)),
        "src_addr": random.choice(("10.0.0.1", "ffff::", "2001:db8::9")), "dst_port": random.randrange(9),
        "bytes": random.choice((None, 7, 1 << 40)), "packets": 1, "direction": random.choice((0, 1)),
    }  # fmt: skip


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Lake, list[Segment]]:
    """Segments of hours with their rollups, but for the last one, and one with the flows of all."""
    random = Random(5)
    lake = make_lake(tmp_path / "lake")
    hours = [[drawn(random, hour) for _ in range(40)] for hour in range(PARTS)]
    for rows in (*hours, [row for hour in hours for row in hour]):
        add_segment(lake, "flows", rows)
    segments = list(lake.manifest().segments)
    for place, segment in enumerate(segments[: PARTS - 1]):
        rollup = write_rollup(lake.path, segment)
        segments[place] = msgspec.structs.replace(segment, rollup=rollup)
    return lake, segments


def test_sums_of_parts_are_those_of_all_flows(parts: tuple[Lake, list[Segment]]) -> None:
    lake, [*segments, whole] = parts
    joined = join_rollups(lake.path, segments, whole.path)
    content = (lake.path / rollup_path(whole.path)).read_bytes()
    assert joined == write_rollup(lake.path, whole)
    assert content == (lake.path / rollup_path(whole.path)).read_bytes()


@pytest.mark.parametrize("damage", ["missing", "torn", "without a table", "unsuitable"])
def test_where_parts_do_not_tell_all_they_are_not_added_up(
    parts: tuple[Lake, list[Segment]], damage: str
) -> None:
    lake, [*segments, whole] = parts
    rollup = segments[0].rollup
    assert rollup
    path = lake.path / rollup.path
    if damage == "missing":
        path.unlink()  # its flows are read
        assert join_rollups(lake.path, segments, whole.path) == write_rollup(lake.path, whole)
        return
    if damage == "torn":
        path.write_bytes(b"PAR1" + bytes(rollup.bytes - 4))
    elif damage == "without a table":
        told = {name: size for name, size in rollup.tables.items() if name != "tos"}
        segments[0] = msgspec.structs.replace(
            segments[0], rollup=msgspec.structs.replace(rollup, tables=told)
        )
    else:
        segments[2] = msgspec.structs.replace(segments[2], rollup=type(rollup)())
    assert join_rollups(lake.path, segments, whole.path) is None
    assert not (lake.path / rollup_path(whole.path)).exists()
