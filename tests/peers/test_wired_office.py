"""The office with a real network, whole: the lake tells what the kernel counted, and what people did.

Twice: metered by our own probe, and by softflowd with the resolver's log for names and Sarah at webmail.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tests.command import answer
from tests.peers.wired_story import Story, carried, play, true_carried
from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.known_names import known_names
from tidegauge.analysis.links import links
from tidegauge.analysis.profile import profile
from tidegauge.analysis.sessions import sessions
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.lab.wired.intruder import FLOOD_PACKETS, SCANNED_PORTS
from tidegauge.lab.wired.network import EDGE1, EDGE2, PUBLIC, STATION_ADDRESS
from tidegauge.lab.wired.sites import FILES, MAIL, MUSIC, NEWS, SITES, VIDEO, WEB, WEBMAIL, Site
from tidegauge.query.question import Query

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]

MILLISECOND, SECOND = 1_000_000, 1_000_000_000
PUT_RIGHT_TO = 100 * MILLISECOND
"""Mostly some ten, which is what the collector knows its own clock to by one server 10 ms away."""
SERVICES = {
    ("John", VIDEO.name): "YouTube",
    ("Sarah", MAIL.name): "Gmail (mail program)",
    ("Sarah", WEBMAIL.name): "Gmail",
    ("Alex", FILES.name): "Dropbox",
    ("Mia", WEB.name): "Wikipedia",
    ("Mia", NEWS.name): "Linux distributions",
    ("Tom", WEBMAIL.name): "Gmail",
    ("Emma", MUSIC.name): "Spotify",
}
UPLINKS = {site.address: "provider" if site in (MAIL, FILES) else "direct" for site in SITES}


def visits(story: Story) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (person["name"].title(), visit["site"]): visit for person in story.people for visit in person["sites"]
    }


def check_bytes_and_packets_of_each_person_at_each_site_are_the_kernels(story: Story) -> None:
    for person in [*story.people, story.truth["guest"]]:
        rows = [row for row in story.flows if person["address"] in (row["src_addr"], row["dst_addr"])]
        assert carried(rows, person["address"]) == true_carried(person)
        for visit in person["sites"]:
            there = [row for row in rows if visit["address"] in (row["src_addr"], row["dst_addr"])]
            assert carried(there, person["address"]) == true_carried(visit)


def check_leases_and_what_was_asked_for_name_the_person_and_the_site(story: Story) -> None:
    rows = answer("top", "user,site", "user is not null and site is not null", *at(story))
    told = {(row["user"], row["site"]): row["bytes"] for row in rows}
    assert told == {key: visit["bytes_up"] + visit["bytes_down"] for key, visit in visits(story).items()}
    for person in story.people:
        names = known_names(story.lake, Query(), time.time_ns(), person["address"]).data
        assert {(row["person"], row["machine"]) for row in names if row["source"] == "dhcp"} == {
            (person["name"].title(), f"{person['name']}-laptop")
        }


def check_how_each_site_is_known(story: Story, sources: set[str]) -> None:
    named = [row for row in story.flows if row["site"] and row["exporter"] == "192.168.10.1"]
    assert {row["site_source"] for row in named} == sources
    assert {row["site"] for row in named} == {site for _, site in visits(story)}


def check_minutes_are_those_that_people_spent(story: Story) -> None:
    rows = sessions(
        story.lake, Query(by=("user", "site", "service"), filter="bytes > 0", top=0), time.time_ns()
    )
    told = {(row["user"], row["site"]): row for row in rows.data if row["user"] and row["site"]}
    assert {key: row["service"] for key, row in told.items()} == {key: SERVICES[key] for key in visits(story)}
    for key, visit in visits(story).items():
        assert told[key]["sessions"] == 1
        assert 0.99 * visit["least_seconds"] <= told[key]["seconds"] <= 1.01 * visit["seconds"]


def check_mails_are_counted_where_they_can_be(
    story: Story, by_program: set[str], in_browser: set[str]
) -> None:
    asked = Query(by=("user", "category"), filter="bytes > 0", top=0)
    rows = sessions(story.lake, asked, time.time_ns()).data
    mailers = {row["user"]: row for row in rows if row["category"] == "mail" and row["user"]}
    browsers = {row["user"]: row for row in rows if row["category"] == "webmail"}
    assert (set(mailers), set(browsers)) == (by_program, in_browser)
    for row in mailers.values():
        assert row["mails"] == 10
        assert row["note"].startswith("at least so many mails")
    for row in browsers.values():
        assert row["mails"] is None
        assert row["note"] == "mails inside webmail cannot be counted: 1 session"


def check_a_profile_is_all_of_a_person(story: Story) -> None:
    for person in story.people[:2]:
        rows = profile(story.lake, Query(filter=f"user {person['name'].title()}", top=0), time.time_ns()).data
        sites = {row["name"]: row["bytes"] for row in rows if row["section"] == "sites" and row["name"]}
        assert sites == {visit["site"]: visit["bytes_up"] + visit["bytes_down"] for visit in person["sites"]}


def check_scan_and_flood_are_found_with_who_did_it(story: Story) -> None:
    guest = story.truth["guest"]
    found = alerts(story.lake, Query(), time.time_ns()).data
    assert {(row["detector"], row["actor"], row["targets"][0]) for row in found} == {
        ("scan", guest["address"], WEB.address),
        ("flood", guest["address"], NEWS.address),
    }
    assert {row["actor_name"] for row in found} == {"guest-laptop"}
    amounts = {act["what"]: act["amount"] for act in guest["acts"]}
    assert amounts == {"scan": SCANNED_PORTS, "flood": FLOOD_PACKETS}
    sent = {visit["address"]: visit["packets_up"] for visit in guest["sites"]}
    assert sent[WEB.address] >= SCANNED_PORTS
    assert sent[NEWS.address] >= FLOOD_PACKETS


def check_translation_is_found_from_both_sides(story: Story) -> None:
    for person in story.people:
        up = [row for row in story.flows if row["src_addr"] == person["address"]]
        down = [row for row in story.flows if row["dst_addr"] == person["address"]]
        assert {row["nat_src_addr"] for row in up} == {PUBLIC[UPLINKS[row["dst_addr"]]] for row in up}
        outside = {(row["nat_src_addr"], row["nat_src_port"]) for row in up}
        assert outside == {(row["nat_dst_addr"], row["nat_dst_port"]) for row in down}
    for row in (of(story, "john", VIDEO), of(story, "alex", FILES)):
        # A port may be taken again for another server.
        server = f"bytes > 0 and ip {row['dst_addr']}"
        outside_words = f"and nat_addr {row['nat_src_addr']} and nat_port {row['nat_src_port']}"
        inside_words = f"and ip {row['src_addr']} and port {row['src_port']}"
        told = [answer("flows", server, words, *at(story)) for words in (outside_words, inside_words)]
        assert told[0] == told[1] != []
    begun = answer("flows", f"nat_event nat44-create and not ip {STATION_ADDRESS}", *at(story))
    assert {(row["src_addr"], row["src_port"], row["dst_addr"], row["dst_port"]) for row in begun} == {
        (row["src_addr"], row["src_port"], row["dst_addr"], row["dst_port"])
        for row in story.flows
        if row["nat_src_addr"]
    }


def of(story: Story, name: str, site: Site) -> dict[str, Any]:
    """The first flow of somebody to a site."""
    [address] = [person["address"] for person in story.people if person["name"] == name]
    return next(row for row in story.flows if (row["src_addr"], row["dst_addr"]) == (address, site.address))


def at(story: Story) -> tuple[str, str]:
    return ("--lake", str(story.lake.path))


def check_what_both_routers_saw_counts_once_as_that_of_the_person(story: Story) -> None:
    counted = {row["site"]: row["bytes"] for row in top(story.lake, Query(by=("site",)), time.time_ns()).data}
    for site in SITES:
        visited = [visit for (_, name), visit in visits(story).items() if name == site.name]
        assert counted[site.name] == sum(visit["bytes_up"] + visit["bytes_down"] for visit in visited)


def check_round_trips_are_those_of_the_path(story: Story) -> None:
    for site, interface in ((VIDEO, "direct"), (WEBMAIL, "direct"), (MAIL, "internet"), (FILES, "internet")):
        there, back = (
            story.way(f"{interface}-{end}")["handshakes"][site.address]["mean"] for end in ("near", "far")
        )
        measured = {
            (row["src_addr"], row["src_port"]): row["tcp_rtt"]
            for row in story.flows
            if row["dst_addr"] == site.address and row["nat_src_addr"]
        }
        assert mean(measured.values()) == pytest.approx(there + back, rel=0.1)


def check_what_the_path_lost_and_held_back_is_seen(story: Story) -> None:
    way = story.way("direct-far")
    assert way["overrun"] == 0
    assert way["lost"] > 10
    video = [row for row in story.flows if row["src_addr"] == VIDEO.address]
    late, overtaken = (sum(row[name] for row in video) for name in ("late_fills", "reordered"))
    assert late >= 0.9 * way["lost"]
    assert late + overtaken == pytest.approx(way["lost"] + way["overtaken"], rel=0.1, abs=2)
    [lan] = [row for row in links(story.lake, Query(top=0), time.time_ns()).data if row["link"] == "lan"]
    measured = [
        row for row in story.flows if row["exporter"] == "192.168.10.1" and row["retransmits"] is not None
    ]
    assert lan["retransmit_share"] * sum(row["packets"] for row in measured) >= 0.9 * way["lost"]
    elsewhere = sum(row["late_fills"] for row in story.flows if row["src_addr"] == FILES.address)
    assert elsewhere < 0.1 * late, "only John's way is lossy"


def check_the_second_routers_clock_is_found_and_its_flows_are_put_right(story: Story) -> None:
    clocks = {row["exporter"]: row for row in answer("clocks", *at(story)) if row["clock"] == "wall"}
    ahead = story.truth["clocks"]
    assert ahead == {EDGE1: 0, EDGE2: 300}
    second = clocks["203.0.113.34"]
    assert second["corrected"]
    assert second["offset_low"] - 0.001 <= ahead[EDGE2] <= second["offset_high"] + 0.001
    assert second["offset_high"] - second["offset_low"] < 0.01
    assert not clocks["192.168.10.1"]["corrected"]
    away = [row for row in story.flows if PUBLIC["provider"] in (row["src_addr"], row["dst_addr"])]
    assert {row["exporter"] for row in away} == {"203.0.113.34"}
    acts = [act for person in story.people for act in person["acts"]]
    first, last = min(act["start"] for act in acts), max(act["end"] for act in acts)
    for row in away:
        start, left = instant_from_text(row["start"]), off_by(row)
        assert left <= row["clock_bound"] < PUT_RIGHT_TO
        assert first < start < last + SECOND


def off_by(row: dict[str, Any]) -> int:
    """What is left of five minutes, by which the second router's clock is ahead, in nanoseconds."""
    reported, start = (instant_from_text(row[name]) for name in ("start_reported", "start"))
    return abs(reported - start - 300 * SECOND)


def check_both_routers_tell_the_same_moment_of_a_connection(story: Story) -> None:
    near = {
        (row["nat_src_port"], row["dst_addr"]): instant_from_text(row["start"])
        for row in reversed(story.flows)
        if row["nat_src_addr"] == PUBLIC["provider"]
    }
    far = {
        (row["src_port"], row["dst_addr"]): row
        for row in reversed(story.flows)
        if row["src_addr"] == PUBLIC["provider"]
    }
    assert far.keys() == near.keys()
    for ends, start in near.items():
        between = abs(instant_from_text(far[ends]["start"]) - start)
        assert between <= far[ends]["clock_bound"] + 5 * MILLISECOND, (
            "what a packet takes from one to the other"
        )


def check_the_page_shows_people_while_they_work(story: Story) -> None:
    assert {row["user"] for row in story.seen_live} <= {person["name"].title() for person in story.people}
    live = sum(row["bytes"] for row in story.seen_live)
    assert 0 < live < sum(person["bytes_up"] + person["bytes_down"] for person in story.people)


def check_the_command_tells_the_lake_beside_the_truth(story: Story) -> None:
    told = {(row["user"], row["site"]): (row["bytes"], row["bytes_true"]) for row in story.rows}
    assert told == {
        key: (visit["bytes_up"] + visit["bytes_down"],) * 2 for key, visit in visits(story).items()
    }


CHECKS = (
    check_bytes_and_packets_of_each_person_at_each_site_are_the_kernels,
    check_leases_and_what_was_asked_for_name_the_person_and_the_site,
    check_minutes_are_those_that_people_spent,
    check_scan_and_flood_are_found_with_who_did_it,
    check_the_second_routers_clock_is_found_and_its_flows_are_put_right,
    check_the_page_shows_people_while_they_work,
    check_the_command_tells_the_lake_beside_the_truth,
)
OF_A_METER_THAT_KNOWS_MORE = (
    check_a_profile_is_all_of_a_person,
    check_translation_is_found_from_both_sides,
    check_what_both_routers_saw_counts_once_as_that_of_the_person,
    check_round_trips_are_those_of_the_path,
    check_what_the_path_lost_and_held_back_is_seen,
    check_both_routers_tell_the_same_moment_of_a_connection,
)


def test_metered_by_our_own_probe(tmp_path: Path, subtests: pytest.Subtests) -> None:
    story = play(tmp_path)
    for check in (*CHECKS, *OF_A_METER_THAT_KNOWS_MORE):
        with subtests.test(check.__name__):
            check(story)
    with subtests.test("names"):
        check_how_each_site_is_known(story, {"sni", "http"})
    with subtests.test("mails"):
        check_mails_are_counted_where_they_can_be(story, {"Sarah"}, {"Tom"})


def test_metered_by_softflowd_with_the_resolvers_log_for_names(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    story = play(tmp_path, "--meter", "softflowd", "--webmail")
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(story)
    with subtests.test("names"):
        check_how_each_site_is_known(story, {"dns"})
    with subtests.test("mails"):
        check_mails_are_counted_where_they_can_be(story, set(), {"Sarah", "Tom"})
