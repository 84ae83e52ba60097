from __future__ import annotations

from tests.analysis.test_interfaces import PACKED, told
from tests.sample_lake import NOON, SECOND, add_segment
from tidegauge.analysis.told_tables import Told, told_tables
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

KEY = (PACKED, 0, "ipfix")
LATER = NOON + 60 * SECOND


def found(lake: Lake, until: int | None = None) -> Told:
    with lake.generation() as generation, Engine(generation) as engine:
        return told_tables(engine, TimeRange(None, until))[KEY]


def test_each_table_with_its_entries_and_when_it_came_last(empty_lake: Lake) -> None:
    rows = [
        told({"ingressInterface": "1"}, interfaceName="lan"),
        told({"ingressInterface": "2"}, interfaceName="wan", samplingInterval="10"),
        told({"ingressInterface": "1"}, LATER, interfaceName="lan"),
        told({"applicationId": "3:443"}, applicationName="https"),
        told({"observationDomainId": "0"}, ignoredPacketTotalCount="0"),
        told({"exportingProcessId": "0"}, systemInitTimeMilliseconds="2025-12-31T10:00:00.5Z"),
        told({"observationDomainId": "0"}, LATER, somethingElse="1"),
    ]
    rows = [{**row, "observation_domain": 0, "protocol_version": "ipfix"} for row in rows]
    add_segment(empty_lake, "options", rows)
    whole = found(empty_lake)
    assert whole.boot_time == "2025-12-31T10:00:00.500000000Z"
    assert whole.tables == (
        ("applications", 1, NOON), ("interfaces", 2, LATER), ("samplers", 1, NOON), ("statistics", 0, NOON),
        ("boot time", 0, NOON), ("others", 0, LATER),
    )  # fmt: skip
    assert ("interfaces", 2, NOON) in found(empty_lake, LATER).tables, "as it was before"
