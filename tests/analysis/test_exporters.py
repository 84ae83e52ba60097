from __future__ import annotations

from tests.sample_lake import NOON, SECOND
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
            "boot_time": None,
            "tables": None,
            "exported_flows": None,
            "unsent_flows": None,
            "ignored_packets": None,
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
