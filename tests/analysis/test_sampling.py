from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.flows import flows
from tidegauge.analysis.sampling_plan import FILE_NAME
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.query.sampling import RELATION
from tidegauge.store.engines.stock import Stock

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
ROUTER = "192.0.2.1"


def flow(minute: float = 0, sampler: int | None = None, **more: Any) -> Row:
    instant = NOON + int(minute * MINUTE)
    life = {
        "received": instant,
        "start": instant,
        "end": instant,
        "exporter": ROUTER,
        "observation_domain": 7,
    }
    return {**life, "bytes": 1, "packets": 1, "other": elements({"samplerId": sampler}), **more}


def elements(told: Mapping[str, object]) -> list[dict[str, Any]] | None:
    return [
        {"element": name, "value": str(value), "raw": b""}
        for name, value in told.items()
        if value is not None
    ] or None


def told(minute: float = 0, scope: Mapping[str, object] | None = None, domain: int = 7, **other: Any) -> Row:
    origin = {"received": NOON + int(minute * MINUTE), "exporter": ROUTER, "observation_domain": domain}
    return {**origin, "scope": elements(scope or {"system": 0}), "other": elements(other)}


def session(minute: float, port: int = 1000, **more: object) -> Row:
    start = NOON + int(minute * MINUTE)
    life = {"minute": start, "last_received": start, "exporter": ROUTER, "observation_domain": 7}
    return {**life, "port": port, "protocol_version": "ipfix", **more}


def intervals(
    path: Path, seen: Sequence[Row], options: Sequence[Row] = (), sessions: Sequence[Row] = (), plan: str = ""
) -> list[int | None]:
    """The interval of each flow, in the order of their bytes."""
    numbered = [{**row, "bytes": number} for number, row in enumerate(seen)]
    lake = make_lake(path / "lake", numbered, sessions)
    if options:
        add_segment(lake, "options", options)
    if plan:
        (lake.path / FILE_NAME).write_text(plan)
    answer = flows(lake, Query(order="bytes:asc", duplicates="all"), NOON + HOUR)
    return [row["sampling_interval"] for row in answer.data]


@pytest.mark.proves("E17")
def test_what_is_known_most_exactly_counts(tmp_path: Path) -> None:
    announced = [
        told(samplingInterval=1),
        told(scope={"interface": 3}, samplingInterval=2),
        told(scope={"ingressInterface": 3}, flowDirection=1, samplingInterval=3),
        told(scope={"samplerId": 9}, samplerRandomInterval=4),
        told(domain=0, samplingInterval=5),
        told(domain=0, scope={"observationDomainId": 8}, samplingInterval=6),
    ]
    seen = [
        flow(in_interface=1),
        flow(in_interface=3),
        flow(in_interface=1, out_interface=3),
        flow(in_interface=1, out_interface=3, direction=1),
        flow(in_interface=3, sampler=9),
        flow(in_interface=3, sampler=8),
        flow(in_interface=3, sampling_interval=70, sampler=9),
        flow(observation_domain=8),
        flow(observation_domain=0),
        flow(observation_domain=9),
        flow(exporter="192.0.2.2"),
    ]
    assert intervals(tmp_path, seen, announced) == [1, 2, 1, 3, 4, 2, 70, 6, 5, None, None]


def test_a_single_sampler_need_not_be_named(tmp_path: Path) -> None:
    options = [told(domain=domain, samplerId=1, samplerRandomInterval=4) for domain in (7, 8)]
    options.append(told(domain=8, samplerId=2, samplerRandomInterval=9))
    seen = [flow(sampler=sampler, observation_domain=domain) for domain in (7, 8) for sampler in (None, 1, 0)]
    assert intervals(tmp_path, seen, options) == [4, 4, None, None, 4, None]


def test_an_announcement_holds_until_the_next(tmp_path: Path) -> None:
    options = [told(0, samplingInterval=10), told(10, samplingInterval=10), told(20, samplingInterval=30)]
    seen = [flow(minute) for minute in (0, 10, 19, 20, 600)]
    assert intervals(tmp_path, seen, options) == [10, 10, 10, 30, 30]


def test_an_announcement_reaches_back_to_where_its_session_began(tmp_path: Path) -> None:
    options = [told(0, samplingInterval=10), told(40, samplingInterval=30)]
    sessions = [session(-9), session(30, port=2000)]
    seen = [flow(minute) for minute in (-10, -9, 29, 30)]
    assert intervals(tmp_path, seen, options, sessions) == [None, 10, 10, 30]


def test_who_was_silent_for_long_did_not_sample(tmp_path: Path) -> None:
    seen = [flow(minute) for minute in (-61, -60)]
    assert intervals(tmp_path, seen, [told(0, samplingInterval=10)], [session(-500)]) == [None, 10]


PLAN = f"""
[core]
exporter = "{ROUTER}"
interval = 1000

[uplink]
exporter = "{ROUTER}"
interface = 3
direction = "in"
interval = 100
since = 2026-01-01T12:10:00Z
until = "2026-01-01T12:20:00Z"
"""


@pytest.mark.proves("E17")
def test_a_statement_goes_before_what_the_exporter_says(tmp_path: Path) -> None:
    seen = [flow(minute, in_interface=3, sampling_interval=5) for minute in (9, 10, 19, 20)]
    others = [flow(10, in_interface=4), flow(10, in_interface=3, direction=1), flow(exporter="192.0.2.2")]
    found = intervals(tmp_path, [*seen, *others], [told(samplingInterval=7)], plan=PLAN)
    assert found == [1000, 100, 100, 1000, 1000, 1000, None]


def test_estimates_and_filters_use_what_is_known(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [flow(), flow(exporter="192.0.2.2", src_addr="10.0.0.1")])
    add_segment(lake, "options", [told(samplingInterval=50)])
    query = Query(by=("exporter",), metrics=("bytes", "bytes_estimate"), filter="sampling_interval > 1")
    [row] = top(lake, query, NOON).data
    assert (row["exporter"], row["bytes"], row["bytes_estimate"], row["sampled"]) == (ROUTER, 1, 50, True)


def test_the_point_that_samples_least_counts_once(tmp_path: Path) -> None:
    ends: dict[str, Any] = {"src_addr": "10.0.0.1", "dst_addr": "10.0.0.2", "protocol": 6}
    seen = [flow(**ends), flow(**{**ends, "exporter": "192.0.2.2", "bytes": 40})]
    ledger = [session(0, stored=1), session(0, stored=1, exporter="192.0.2.2")]
    lake = make_lake(tmp_path / "lake", seen, ledger)
    add_segment(lake, "options", [told(samplingInterval=50)])
    assert top(lake, Query(by=("src_addr",)), NOON).data[0]["bytes"] == 40


def test_a_sampler_that_nobody_explained_is_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [flow(sampler=3), flow(sampler=0)], [session(0, sampling_interval=0)])
    query = Query(by=("exporter",), metrics=("bytes_estimate",))
    [warning] = top(lake, query, NOON).warnings
    assert "192.0.2.1 (domain 7, sampler 3): flows name a sampler" in warning
    assert not top(lake, Query(by=("exporter",)), NOON).warnings, "nothing was estimated"
    (lake.path / FILE_NAME).write_text(PLAN)
    assert not top(lake, query, NOON).warnings, "somebody did"


def test_questions_share_what_is_known_of_sampling_until_that_changes(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [flow(minute) for minute in (1, 11)], [session(0)])
    add_segment(lake, "options", [told(samplingInterval=10)])
    lake.stock = Stock()
    query = Query(order="start:asc", duplicates="all")

    def found(since: str | None = None) -> list[int | None]:
        answer = flows(lake, msgspec.structs.replace(query, since=since), NOON + HOUR)
        return [row["sampling_interval"] for row in answer.data]

    def kept() -> list[str]:
        assert lake.stock
        return [each.table for each in lake.stock.kept if each.name == RELATION]

    assert found() == [10, 10]
    before = kept()
    assert found("now-55m") == [10]
    assert kept() == before
    add_segment(lake, "options", [told(10, samplingInterval=100)])
    assert found() == [10, 100]
    assert len(kept()) == 2
    text = f'["core"]\nexporter = "{ROUTER}"\ninterval = 7\n'
    (lake.path / FILE_NAME).write_text(text)
    assert found() == [7, 7]
    (lake.path / FILE_NAME).unlink()
    assert found() == [10, 100]
    assert len(kept()) == 3
