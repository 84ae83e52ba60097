"""Who asked whom: which end of a flow is the client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic import RST_ACK, SYN, SYN_ACK, WHOLE, Flow, activity_of, both_ways
from tidegauge.flow.addresses import text_from_address

NEAR, MATE, AWAY = "10.1.2.17", "10.1.2.18", "198.51.100.7"
Contact = tuple[str, str, int]


def contacts(path: Path, flows: list[Flow]) -> list[Contact]:
    with activity_of(path / "lake", flows) as activity:
        sql = "SELECT CAST(client AS BLOB), CAST(server AS BLOB), port FROM contacts ORDER BY ALL"
        return [(text_from_address(a), text_from_address(b), port) for a, b, port in activity.rows(sql)]


@pytest.mark.parametrize(
    ("flow", "contact"),
    [
        pytest.param(Flow(NEAR, AWAY, 40000, 443, 6, WHOLE, 9), (NEAR, AWAY, 443), id="to a system port"),
        pytest.param(Flow(AWAY, NEAR, 443, 40000, 6, WHOLE, 9), (NEAR, AWAY, 443), id="from a system port"),
        pytest.param(Flow(AWAY, NEAR, 1500, 3389, 6, WHOLE, 9), (AWAY, NEAR, 3389), id="to a service port"),
        pytest.param(Flow(NEAR, AWAY, 3389, 1500, 6, WHOLE, 9), (AWAY, NEAR, 3389), id="from a service port"),
        pytest.param(
            Flow(AWAY, NEAR, 500, 40000, 6, SYN), (AWAY, NEAR, 40000), id="a SYN alone is a client's"
        ),
        pytest.param(
            Flow(NEAR, AWAY, 40000, 500, 6, SYN_ACK), (AWAY, NEAR, 40000), id="SYN and ACK are a reply"
        ),
        pytest.param(Flow(NEAR, AWAY, 40000, 500, 6, RST_ACK), (AWAY, NEAR, 40000), id="so is a reset"),
        pytest.param(Flow(AWAY, NEAR, 40000, 50000, 17, None, 2), (AWAY, NEAR, 50000), id="a small one asks"),
        pytest.param(
            Flow(AWAY, NEAR, 40000, 50000, 17, None, 9), (NEAR, AWAY, 40000), id="home asks the outside"
        ),
        pytest.param(
            Flow(NEAR, MATE, 40000, 50000, 17, None, 9), (MATE, NEAR, 40000), id="the higher port asks"
        ),
        pytest.param(Flow(NEAR, AWAY, 123, 123, 17, None, 1), (NEAR, AWAY, 123), id="equal ports"),
        pytest.param(Flow(NEAR, AWAY, 0, 2048, 1, None, 4), (NEAR, AWAY, 0), id="a ping"),
        pytest.param(Flow(AWAY, NEAR, 0, 0, 1, None, 4), (NEAR, AWAY, 0), id="what comes back"),
        pytest.param(Flow(AWAY, NEAR, 0, 0, 50, None, 400), (NEAR, AWAY, 0), id="no ports at all"),
    ],
)
def test_the_client_is_who_asked(tmp_path: Path, flow: Flow, contact: Contact) -> None:
    assert contacts(tmp_path, [flow]) == [contact]


def test_both_directions_are_side_by_side(tmp_path: Path) -> None:
    flows = both_ways(Flow(NEAR, AWAY, 40000, 443, 6, WHOLE, 5, 700, 1, 2), 9, 8000)
    flows += both_ways(Flow(NEAR, AWAY, 40001, 443, 6, SYN, 1, 60, 100), 0, 0)[:1]
    with activity_of(tmp_path / "lake", flows) as activity:
        sql = (
            "SELECT flows_up, flows_down, bytes_up, bytes_down, knocks, last_seen - first_seen FROM contacts"
        )
        assert activity.rows(sql) == [(2, 1, 760.0, 8000.0, 1, 99_000_000_000)]


def test_hours_are_of_home_addresses_and_the_outside(tmp_path: Path) -> None:
    flows = both_ways(Flow(NEAR, AWAY, 40000, 443, 6, WHOLE, 5, 700), 9, 8000)
    flows += both_ways(Flow(AWAY, NEAR, 40000, 22, 6, WHOLE, 5, 11, 4000), 9, 13)
    flows += both_ways(Flow(NEAR, MATE, 40000, 22, 6, WHOLE, 5, 11), 9, 13)
    with activity_of(tmp_path / "lake", flows) as activity:
        sql = "SELECT bytes_up, bytes_down FROM hours ORDER BY hour"
        assert activity.rows(sql) == [(700.0, 8000.0), (13.0, 11.0)]


def test_an_end_in_the_far_future_is_not_believed(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", [Flow(NEAR, AWAY, 40000, 443, duration=7e9)]) as activity:
        assert activity.rows("SELECT last_seen - first_seen FROM contacts") == [(86_400_000_000_000,)]
