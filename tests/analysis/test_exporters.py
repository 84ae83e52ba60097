from __future__ import annotations

from pathlib import Path

from tests.analysis.conftest import ledger_row
from tests.analysis.test_interfaces import told
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.exporters import SILENT_AFTER, exporters
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

LAST = NOON + 70 * SECOND


def test_what_is_known_of_an_exporter(lake: Lake) -> None:
    assert exporters(lake, Query(), LAST + SECOND).data == [
        {
            "exporter": "192.0.2.9",
            "observation_domain": 1,
            "protocol_version": "ipfix",
            "port": 4739,
            "first_received": "2026-01-01T12:00:00.000000000Z",
            "last_received": "2026-01-01T12:01:10.000000000Z",
            "datagrams": 3,
            "records": 9,
            "option_records": 0,
            "stored": 9,
            "templates": 3,
            "forgotten_templates": 0,
            "sampling_interval": 100,
            "sampling_source": "records",
            "sampling_history": "1 in 100 (records), from 2026-01-01T12:00:00Z",
            "lost_sequence": 1,
            "lost_no_template": 0,
            "malformed": 0,
            "told_exported_flows": None,
            "told_unsent_flows": None,
            "told_unsent_packets": None,
            "told_dropped_packets": None,
            "told_ignored_packets": None,
            "boot_time": None,
            "tables": None,
            "state": "receiving",
            "note": "1 records missing by sequence number",
        }
    ]


def test_silence_is_told(lake: Lake) -> None:
    [row] = exporters(lake, Query(), LAST + SILENT_AFTER + 1).data
    assert row["state"] == "silent"
    assert row["note"].startswith("silent since 2026-01-01T12:01:10")


def test_a_range_limits_what_is_counted(lake: Lake) -> None:
    [row] = exporters(lake, Query(until="2026-01-01T12:01:00Z"), LAST).data
    assert (row["datagrams"], row["lost_sequence"]) == (2, 0)


def test_a_range_of_the_past_is_judged_as_of_its_end(lake: Lake) -> None:
    long_after = LAST + 9 * SILENT_AFTER
    [row] = exporters(lake, Query(until="2026-01-01T12:02:00Z"), long_after).data
    assert row["state"] == "receiving"
    [row] = exporters(lake, Query(until="2026-01-01T13:00:00Z"), long_after).data
    assert row["state"] == "silent"


def test_what_an_exporter_says_of_itself_stands_beside_what_was_heard_of_it(tmp_path: Path) -> None:
    heard = ledger_row(stored=40, told_exported_flows=65, told_unsent_flows=2, told_ignored_packets=7)
    other = heard | {"exporter": "192.0.2.2"}
    lake = make_lake(tmp_path / "lake", ledger=[heard, other])
    statistics = told(
        {"observationDomainId": "7"},
        ignoredPacketTotalCount="7",
        systemInitTimeMilliseconds="2026-01-01T11:00:00Z",
    )
    add_segment(
        lake,
        "options",
        [{**statistics, "exporter": "192.0.2.9", "observation_domain": 1, "protocol_version": "ipfix"}],
    )
    [second, first] = exporters(lake, Query(), NOON + SECOND).data
    assert (first["told_exported_flows"], first["told_ignored_packets"]) == (65, 7)
    words = "2 flows metered and never sent, by its own count; 7 packets not metered, by its own count"
    assert first["note"] == words
    assert first["boot_time"] == "2026-01-01T11:00:00.000000000Z"
    assert first["tables"] == "statistics (2026-01-01T12:00:00Z); boot time (2026-01-01T12:00:00Z)"
    assert (second["tables"], second["told_exported_flows"]) == (None, None), "it tells nothing in this range"
