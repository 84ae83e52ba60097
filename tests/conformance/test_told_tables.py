"""What real exporters tell of themselves in options records, as answers show it."""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tidegauge.analysis.exporters import exporters
from tidegauge.analysis.told_names import make_told_names
from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.conformance

LOGSTASH = "logstash-plugins__logstash-codec-netflow/spec/codecs"
TELEGRAF = "influxdata__telegraf/plugins/inputs/netflow/testcases"

# By address and protocol, captures read in one session, and what they tell.
SENT: dict[str, tuple[list[str], str]] = {
    "192.0.2.1 netflow9": ([f"{LOGSTASH}/netflow9_test_cisco_nbar_opttpl260.dat"], "15 applications"),
    "192.0.2.2 netflow9": ([f"{TELEGRAF}/netflow_v9_options/message.bin"], "8 interfaces"),
    "192.0.2.3 netflow9": (
        [f"{LOGSTASH}/netflow9_test_cisco_asr9k_{part}256.dat" for part in ("opttpl", "data")],
        "19 interfaces",
    ),
    "192.0.2.4 netflow9": (
        [f"{LOGSTASH}/netflow9_test_fortigate_fortios_521_{part}.dat"
         for part in ("tpl", "data256", "data257")],
        "1 samplers; statistics; timeouts",
    ),
    "127.0.0.1 ipfix": (["_generated/softflowd_ipfix.pcap"], "1 interfaces; 1 samplers; boot time"),
    "127.0.0.1 netflow9": (["_generated/softflowd_v9.pcap"], "1 interfaces; 1 samplers"),
    "192.0.2.7 netflow9": (
        [
            f"repeatedly__fluent-plugin-netflow/test/dump/netflow.v9.{part}dump"
            for part in ("sampler_template.", "sampler.")
        ],
        "1 samplers",
    ),
    "192.0.2.8 ipfix": (
        [f"{TELEGRAF}/ipfix_example/ipfix_{number}.bin" for number in range(7)],
        "statistics; boot time; others",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(captures_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake.create(tmp_path_factory.mktemp("told") / "lake")
    for key, (names, _) in SENT.items():
        exporter, _, _ = key.partition(" ")  # a capture with addresses has its own
        paths = [captures_path / name for name in names]
        import_files(made, ImportOrder(paths, exporter, is_one_session=True, ends_now=False), time.time_ns())
    return made


@pytest.fixture(scope="module")
def rows(lake: Lake) -> dict[str, dict[str, Any]]:
    """What ``exporters`` says of each."""
    found = exporters(lake, Query(), time.time_ns()).data
    return {f"{row['exporter']} {row['protocol_version']}": row for row in found}


@pytest.mark.proves("C6", "E18")
@pytest.mark.parametrize("exporter", SENT)
def test_exporters_lists_the_tables_that_came(rows: dict[str, dict[str, Any]], exporter: str) -> None:
    without_times = re.sub(r" \([^)]*\)", "", rows[exporter]["tables"])
    assert without_times == SENT[exporter][1]


def by_tshark(captures_path: Path, capture: str, key: str, name: str) -> dict[str, str]:
    """What tshark read of a table."""
    path = captures_path / "tshark_values" / f"{capture.replace('/', '_')}.jsonl.gz"
    with gzip.open(path, "rt") as lines:
        records = [dict(json.loads(line)["v"]) for line in lines]
    return {record[key]: record[name] for record in records if name in record}


@pytest.mark.proves("E13")
def test_names_of_interfaces_are_those_that_tshark_read(lake: Lake, captures_path: Path) -> None:
    [capture], _ = SENT["192.0.2.2 netflow9"]
    expected = by_tshark(captures_path, capture, "cflow.inputint", "cflow.if_name")
    assert len(expected) == 8
    assert names(lake, "192.0.2.2") == expected


def names(lake: Lake, exporter: str) -> dict[str, str]:
    with lake.generation() as generation, Engine(generation) as engine:
        make_told_names(engine)
        told_by = {"told_by": uuid_text(address_from_text(exporter))}
        return dict(engine.rows("SELECT id, name FROM told_names WHERE told_by = $told_by", told_by))


@pytest.mark.proves("E13")
def test_an_interface_that_has_a_description_alone_goes_by_it(lake: Lake) -> None:
    found = names(lake, "192.0.2.3")
    assert (len(found), found["74"]) == (19, "TenGigE0_0_1_0")


@pytest.mark.proves("E12")
def test_names_of_applications_are_those_that_tshark_read(lake: Lake, captures_path: Path) -> None:
    [capture], _ = SENT["192.0.2.1 netflow9"]
    expected = by_tshark(captures_path, capture, "cflow.appl_id.selector_id", "cflow.appl_name")
    with lake.generation() as generation, Engine(generation) as engine:
        found = dict(
            engine.rows("""
            SELECT [element.value FOR element IN other IF element.element = 'applicationId'][1],
                [element.value FOR element IN other IF element.element = 'applicationName'][1]
            FROM options WHERE list_contains([element.element FOR element IN other], 'applicationName')
        """)
        )
    assert found == {f"1:{int(key.replace(':', ''), 16)}": name for key, name in expected.items()}


def test_the_exporter_says_when_it_booted(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["127.0.0.1 ipfix"]["boot_time"] == "2026-11-22T20:00:02.330000000Z"
    assert rows["192.0.2.8 ipfix"]["boot_time"] == "2022-10-25T19:10:27.000000000Z"
    assert rows["192.0.2.4 netflow9"]["boot_time"] is None
