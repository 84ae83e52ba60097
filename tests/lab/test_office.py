from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from random import Random

from tidegauge.lab.activity import DAY, HOUR, MINUTE, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.conversation import ACTIVE
from tidegauge.lab.lan import Lan
from tidegauge.lab.office import Office, activities_around, demonstration_office, whole_day
from tidegauge.lab.story import OPENING
from tidegauge.lab.truth import Truth

MIDNIGHT = 20_000 * DAY
EVENING = MIDNIGHT + 21 * HOUR


def small_office(seed: int, truth: Truth | None = None) -> Office:
    activities = whole_day(seed, MIDNIGHT)[:3000]
    return Office(iter(activities), Lan(seed), Random(seed), MIDNIGHT + 9 * HOUR, truth)


def test_the_same_seed_gives_the_same_flows() -> None:
    flows = small_office(7).flows_until(MIDNIGHT + DAY)
    assert flows == small_office(7).flows_until(MIDNIGHT + DAY)
    assert flows != small_office(8).flows_until(MIDNIGHT + DAY)


def test_it_does_not_matter_how_often_one_asks() -> None:
    often, once = small_office(1), small_office(1)
    flows = [flow for minute in range(24 * 60 + 1) for flow in often.flows_until(MIDNIGHT + minute * MINUTE)]
    assert sorted(flows) == sorted(once.flows_until(MIDNIGHT + DAY))
    assert often.lan.journal.entries_until(MIDNIGHT + DAY) == once.lan.journal.entries_until(MIDNIGHT + DAY)


def test_a_day_comes_by_time_and_tells_the_story() -> None:
    activities = whole_day(1, MIDNIGHT)
    assert activities == sorted(activities, key=lambda activity: activity.start)
    assert len({activity.who for activity in activities}) == 50 + 4
    assert sum(it.service.name == "Gmail-SMTP" for it in activities) == 10


def test_flows_add_up_to_the_truth() -> None:
    truth = Truth()
    office = small_office(1, truth)
    flows = office.flows_until(MIDNIGHT + 2 * DAY)
    told = truth.by("service").values()
    assert sum(flow.bytes for flow in flows) == sum(usage.bytes_up + usage.bytes_down for usage in told)
    activities = whole_day(1, MIDNIGHT)[:3000]
    assert truth.by("who", "service")["Omar", "WhatsApp"].connections == sum(
        (it.who, it.service.name) == ("Omar", "WhatsApp") for it in activities
    )


def test_nobody_uses_an_address_that_is_not_lent_to_them() -> None:
    office = small_office(1)
    flows = office.flows_until(MIDNIGHT + DAY)
    held: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for lease in office.lan.dhcp.leases:
        held[lease.address].append((lease.since, lease.until))
    for flow in flows:
        client = flow.src_addr if flow.outbound else flow.dst_addr
        if client.startswith(packed("192.168.10.0")[:15]):
            assert any(since <= flow.start and flow.end < until for since, until in held[client])


def test_an_address_changes_hands_between_noon_and_evening() -> None:
    activities = whole_day(1, MIDNIGHT)
    office = Office(iter(activities), Lan(1), Random(1), MIDNIGHT + DAY)
    office.flows_until(MIDNIGHT + DAY)
    address = packed("192.168.10.15")
    owners = [lease.device.name for lease in office.lan.dhcp.leases if lease.address == address]
    assert owners == ["daniel-laptop", "ravi-tablet"]


def test_each_flow_is_handed_out_once_when_it_is_due() -> None:
    office = small_office(1)
    hourly = []
    for hour in range(25):
        flows = office.flows_until(MIDNIGHT + hour * HOUR)
        assert all(hour - 1 < (flow.export_after - MIDNIGHT) / HOUR <= hour for flow in flows)
        hourly += flows
    assert sorted(hourly) == sorted(small_office(1).flows_until(MIDNIGHT + DAY))


def test_what_happens_live_is_reported_more_often() -> None:
    flows = small_office(1).flows_until(MIDNIGHT + DAY)
    slices = [flow for flow in flows if flow.flow_end_reason == ACTIVE]
    assert {flow.end - flow.start for flow in slices} == {10 * SECOND, 60 * SECOND}
    assert all(flow.end - flow.start == 10 * SECOND for flow in slices if flow.start > MIDNIGHT + 9 * HOUR)


def test_the_live_office_is_busy_at_any_hour() -> None:
    office = demonstration_office(1, EVENING, MIDNIGHT)
    office.flows_until(EVENING)
    seconds = [office.flows_until(EVENING + second * SECOND) for second in range(1, 31)]
    assert all(len(flows) >= 1 for flows in seconds)
    assert sum(map(len, seconds)) > 600


def test_the_past_follows_the_clock_on_the_wall() -> None:
    activities = list(takewhile(lambda it: it.start < EVENING, activities_around(1, EVENING, MIDNIGHT)))
    scans = [it.start for it in activities if it.service.name == "ServerRoom"]
    assert MIDNIGHT + 3 * HOUR in scans
    assert all(it.start >= EVENING - DAY for it in activities)
    assert not [it for it in activities if it.end > EVENING - 50 * MINUTE > it.start]


def test_the_morning_reaches_its_busiest_minute_now() -> None:
    upcoming = (it for it in activities_around(1, EVENING, MIDNIGHT) if it.start > EVENING)
    first_scan = next(it for it in upcoming if it.service.name == "ServerRoom")
    assert first_scan.start == EVENING + 3 * SECOND
    tomorrow = next(it for it in upcoming if it.service.name == "YouTube")
    assert tomorrow.start == EVENING - OPENING + DAY + 10 * HOUR + 30 * MINUTE
