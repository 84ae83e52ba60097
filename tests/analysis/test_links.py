from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_interfaces import PACKED, told
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.link_plan import FILE_NAME
from tidegauge.analysis.links import links
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.query.question import Query
from tidegauge.store.interface_samples import append
from tidegauge.store.lake import Lake

ROUTER = "192.0.2.1"
FLOWS = [
    {
        "received": NOON, "start": NOON, "end": NOON + 60 * SECOND, "exporter": ROUTER,
        "src_addr": "10.0.0.1", "dst_addr": "203.0.113.9", "src_port": 50_000, "dst_port": 443, "protocol": 6,
        "in_interface": 1, "out_interface": 2, "packets": 1000, "bytes": 6_750_000,
        "tcp_rtt": 20_000_000, "retransmits": 10,
    },
    {
        "received": NOON, "start": NOON, "end": NOON, "exporter": ROUTER,
        "src_addr": "10.0.0.1", "dst_addr": "192.0.2.53", "src_port": 50_001, "dst_port": 53, "protocol": 17,
        "in_interface": 3, "packets": 1, "bytes": 60,
    },
]  # fmt: skip


@pytest.fixture
def network(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake", FLOWS)
    add_segment(lake, "options", [told({"interface": "1"}, interfaceName="Gi0", interfaceDescription="LAN")])
    plan = f'[Internet]\nexporter = "{ROUTER}"\ninterface = 2\ncapacity = "1M"\n'
    (lake.path / FILE_NAME).write_text(plan)
    return lake


def test_links_have_names_rates_and_what_was_measured(network: Lake) -> None:
    answer = links(network, Query(), NOON)
    internet, lan, resolver = answer.data
    assert [row["link"] for row in answer.data] == ["Internet", "LAN", f"{ROUTER} interface 3"]
    assert (internet["out_p95_bps"], internet["p95_utilisation"], internet["minutes_above_80"]) == (
        900_000,
        0.9,
        1,
    )
    assert internet["bottleneck_hours"] == ["2026-01-01T12:00:00.000000000Z"]
    assert (lan["in_mean_bps"], lan["rtt_p50"], lan["retransmit_share"]) == (900_000, 20_000_000, 0.01)
    assert (lan["name"], lan["description"], resolver["name"]) == ("Gi0", "LAN", None)
    assert [column["name"] for column in answer.columns] == list(internet)


def test_what_is_not_measured_is_said_and_never_0(network: Lake) -> None:
    internet, lan, resolver = links(network, Query(), NOON).data
    assert (resolver["rtt_p50"], resolver["retransmit_share"], resolver["loss"]) == (None, None, None)
    assert (internet["counted_in"], internet["coverage_out"]) == (None, None)
    assert (
        internet["note"]
        == "loss not measured by this exporter; flow volume not held against interface counters"
    )
    assert lan["note"].startswith(f"capacity unknown: write it into {FILE_NAME}; loss")
    assert "round trip not measured" in resolver["note"]


def test_who_asks_for_volume_alone_is_told_the_same_of_it_and_no_quality(network: Lake) -> None:
    whole, volume = links(network, Query(), NOON), links(network, Query(metrics=("bytes",)), NOON)
    names = [column["name"] for column in volume.columns if column["name"] != "note"]
    assert {"in_p95_bps", "coverage_in"} < {*names}
    assert not {"rtt_p50", "responses"} & {*names}
    assert [[row[name] for name in names] for row in volume.data] == [
        [row[name] for name in names] for row in whole.data
    ]
    assert not any("measured" in row["note"].replace("loss not measured", "") for row in volume.data)


def test_a_range_of_its_own_and_a_filter(network: Lake) -> None:
    answer = links(network, Query(filter="tcp", since="2026-01-01T12:00Z", until="2026-01-01T12:10Z"), NOON)
    assert [(row["interface"], row["in_mean_bps"], row["out_mean_bps"]) for row in answer.data] == [
        (2, 0, 90_000),
        (1, 90_000, 0),
    ]
    assert answer.totals == {"bytes": 6_750_000}


def test_an_empty_lake_has_the_same_columns(empty_lake: Lake, network: Lake) -> None:
    empty = links(empty_lake, Query(), NOON)
    assert (empty.data, empty.columns) == ([], links(network, Query(), NOON).columns)


def count(lake: Lake, **octets: list[int]) -> None:
    """Let interfaces be read at noon and a minute later: ``if2=[…]`` is what left by interface 2."""
    samples = [
        InterfaceSample(
            received=NOON + number * 60 * SECOND, exporter=PACKED, interface=int(name[2:]), source="snmp",
            counting_since=NOON - SECOND, counter_bits=64, octets_in=0, octets_out=octets_out,
            packets_in=0, packets_out=number * 1000, speed=10_000_000, name=f"eth{name[2:]}",
        )
        for name, both in octets.items()
        for number, octets_out in enumerate(both)
    ]  # fmt: skip
    append(lake, samples, NOON)


def ask(lake: Lake, words: str = "") -> Answer:
    """About ten minutes, when all flows have long been exported."""
    query = Query(filter=words, since="2026-01-01T12:00Z", until="2026-01-01T12:10Z")
    return links(lake, query, NOON + 3600 * SECOND)


def test_links_are_held_against_interface_counters(network: Lake) -> None:
    count(network, if2=[0, 6_766_000], if3=[0, 0], if7=[0, 2_000_000])
    answer = ask(network)
    by_interface = {row["interface"]: row for row in answer.data}
    internet = by_interface[2]
    assert (internet["counted_out"], internet["counted_share"]) == (6_766_000, 0.1)
    assert internet["coverage_out"] == pytest.approx(6_750_000 / 6_766_000)
    assert internet["expected_out_low"] < internet["coverage_out"] < internet["expected_out_high"] + 0.02
    assert (internet["name"], internet["capacity_out"]) == ("eth2", 1_000_000)
    assert internet["note"] == "loss not measured by this exporter"
    assert (by_interface[3]["capacity_in"], by_interface[3]["peak_utilisation"]) == (10_000_000, 8e-7)
    unseen = by_interface[7]
    assert (unseen["link"], unseen["bytes_out"], unseen["coverage_out"]) == ("eth7", 0, 0.0)
    assert [warning.partition(":")[0] for warning in answer.warnings] == ["eth7"]
    assert "seems not to be metered" in answer.warnings[0]
    assert [column["name"] for column in answer.columns] == list(internet)


def test_a_speed_stands_in_for_what_nobody_wrote_down(network: Lake) -> None:
    plan = f'[Internet]\nexporter = "{ROUTER}"\ninterface = 2\ncapacity_in = "1M"\n'
    (network.path / FILE_NAME).write_text(plan)
    count(network, if2=[0, 6_766_000])
    [internet] = [row for row in ask(network).data if row["interface"] == 2]
    assert (internet["capacity_in"], internet["capacity_out"]) == (1_000_000, 10_000_000)


def test_a_filter_of_flows_is_not_held_against_counters(network: Lake) -> None:
    count(network, if2=[0, 6_766_000], if7=[0, 2_000_000])
    answer = ask(network, "tcp")
    assert {row["interface"]: row["counted_out"] for row in answer.data} == {1: None, 2: None}
    assert answer.warnings == []
    one = ask(network, f"exporter = {ROUTER} and interface = 2")
    assert {row["interface"]: row["counted_out"] for row in one.data} == {1: None, 2: 6_766_000}
