"""Profiles, timelines, conversations, matrices and bills of the office agree with the truth."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.office_day import END, MIDNIGHT, OfficeDay
from tidegauge.analysis.billing import billing
from tidegauge.analysis.conversations import conversations
from tidegauge.analysis.links import links
from tidegauge.analysis.matrix import matrix
from tidegauge.analysis.profile import profile
from tidegauge.analysis.timeline import timeline
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.lab.address import packed
from tidegauge.lab.router import EDGE1
from tidegauge.query.question import Query


def test_a_profile_has_the_days_of_the_person(day: OfficeDay) -> None:
    answer = profile(day.lake, Query(filter="user John", top=0), END)
    sections = {(row["section"], row["name"]): row for row in answer.data}
    assert sections["services", "YouTube"]["bytes"] == 500_000_000
    assert sections["categories", "streaming"]["bytes"] >= 500_000_000
    assert {row["name"] for row in answer.data if row["section"] == "addresses"} == {
        "john-laptop",
        "john-phone",
    }
    activity = [row["bytes"] for row in answer.data if row["section"] == "activity"]
    assert sum(activity) == answer.totals["bytes"]
    assert max(activity) == sections["activity", "Fri 10"]["bytes"]


def test_a_life_in_order_knows_who_held_the_address(day: OfficeDay) -> None:
    leases = [lease for lease in day.leases if lease.address == packed("192.168.10.15")]
    answer = timeline(day.lake, Query(filter="addr 192.168.10.15", top=0), END)
    told = [row["time"] for row in answer.data]
    assert told == sorted(told)
    begun = [row for row in answer.data if row["kind"] == "name" and row["text"].startswith("held by")]
    assert [row["text"].split()[2] for row in begun] == ["Daniel", "Ravi"]
    assert [instant_from_text(row["time"]) for row in begun] == [
        pytest.approx(lease.since, abs=1_000_000_000) for lease in leases
    ]
    flows = [row for row in answer.data if row["kind"] == "flow"]
    assert len(flows) == answer.totals["flows"]
    assert {row["hops"] for row in flows} == {1}  # no flow of the office passes both routers


def test_conversations_and_cells_come_to_what_top_comes_to(day: OfficeDay) -> None:
    whole = top(day.lake, Query(by=("protocol",)), END).totals
    pairs = conversations(day.lake, Query(by=("client", "server"), top=0), END)
    assert sum(row["bytes_to_server"] + row["bytes_to_client"] for row in pairs.data) == whole["bytes"]
    cells = matrix(day.lake, Query(by=("team", "category"), top=3), END)
    assert sum(cell["bytes"] for cell in cells.data) == whole["bytes"]


def test_the_internet_link_carries_what_went_up_and_down(day: OfficeDay) -> None:
    query = Query(
        filter=f"exporter {EDGE1.address}", since=text_from_instant(MIDNIGHT), until=text_from_instant(END)
    )
    sums = top(day.lake, replace(query, by=("exporter",), metrics=("bytes_up", "bytes_down")), END).data
    outside = {row["interface"]: row for row in billing(day.lake, query, END).data}[2]
    assert (outside["bytes_out"], outside["bytes_in"]) == (sums[0]["bytes_up"], sums[0]["bytes_down"])
    assert outside["samples"] == 288
    link = {row["interface"]: row for row in links(day.lake, query, END).data}[2]
    assert (link["bytes_out"], link["bytes_in"]) == (outside["bytes_out"], outside["bytes_in"])
    assert link["out_peak_bps"] >= outside["out_bps"]
