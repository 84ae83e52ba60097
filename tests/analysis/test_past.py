from __future__ import annotations

from pathlib import Path

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, WHOLE, Flow, activity_of, both_ways, lake_of
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.past import DAYS, Volume
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.store.bindings import append

NEAR, MATE, AWAY = "10.1.2.17", "10.1.2.18", "198.51.100.7"
HOUR = SINCE // (3600 * SECOND)
ADDRESS = address_from_text(NEAR).to_bytes(16, "big")


def exchange(second: float, target: str = AWAY) -> list[Flow]:
    return both_ways(Flow(NEAR, target, 40000, 443, 6, WHOLE, 5, 700, second), 9, 8000)


def test_hours_before_the_range_by_address(tmp_path: Path) -> None:
    flows = exchange(-1) + exchange(-3600) + exchange(-3601) + exchange(0) + exchange(-1, MATE)
    with activity_of(tmp_path / "lake", flows) as activity:
        found = activity.past.hourly({ADDRESS: None})
    hours = {HOUR - 1: Volume(1400, 16000), HOUR - 2: Volume(700, 8000)}
    assert found == {ADDRESS: hours}


def test_days_are_those_with_flows_and_not_too_long_ago(tmp_path: Path) -> None:
    flows = [flow for day in (-1, -3, -DAYS - 2) for flow in exchange(day * DAY)]
    with activity_of(tmp_path / "lake", flows) as activity:
        assert activity.past.days == {SINCE // (DAY * SECOND) - 1, SINCE // (DAY * SECOND) - 3}


def test_nothing_is_opened_before_somebody_asks(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", exchange(0)) as activity:
        assert activity.past._engine is None


def test_a_machine_is_followed_through_its_addresses(tmp_path: Path) -> None:
    mine = both_ways(Flow(MATE, AWAY, 40000, 443, 6, WHOLE, 5, 700, -3 * 3600), 9, 8000)
    others = exchange(-3 * 3600) + exchange(-7200)
    lake = lake_of(tmp_path / "lake", mine + others + exchange(-60) + exchange(0))
    lent = ((MATE, "laptop", -4, -2), (NEAR, "printer", -4, -1), (NEAR, "laptop", -1, 9))
    append(lake, [held(address, name, since, until) for address, name, since, until in lent], now=SINCE)
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + SECOND) as activity:
        names = activity.names([ADDRESS])
        assert names == {ADDRESS: "laptop"}
        found = activity.past.hourly(names)
    assert found == {ADDRESS: {HOUR - 3: Volume(700, 8000), HOUR - 1: Volume(700, 8000)}}


def held(address: str, name: str, since: int, until: int) -> Binding:
    """A machine that had an address for some hours."""
    number = address_from_text(address).to_bytes(16, "big")
    begin, end = (SINCE + hours * 3600 * SECOND for hours in (since, until))
    return Binding(
        kind=Kind.MACHINE, address=number, name=name, since=begin, until=end, source="test", confidence=90
    )
