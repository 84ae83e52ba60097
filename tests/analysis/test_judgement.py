from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import SINCE, Flow, activity_of, both_ways
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.judgement import judge
from tidegauge.analysis.policy_file import policy_from_text
from tidegauge.flow.addresses import address_from_text, uuid_text

JOHN, SARAH, AWAY = "10.1.2.17", "10.1.2.18", "198.51.100.7"


def judged(activity: Activity, policy: str) -> list[tuple[int, int]]:
    judge(policy_from_text(policy), activity)
    return activity.rows("SELECT rule, phase FROM judged ORDER BY first_seen, client")


def visit(source: str, second: float) -> list[Flow]:
    return both_ways(Flow(source, AWAY, 40000, 443, 6, 0x1B, 5, 700, second), 9, 8000)


def hold(activity: Activity, address: str, since: float, until: float, names: str) -> None:
    """Let a person of a team have an address for some seconds."""
    activity.look_up("src_holder")
    number = f"client FROM contacts WHERE CAST(client AS VARCHAR) = '{_uuid(address)}'"
    times = f"{SINCE + int(since * SECOND)}, {SINCE + int(until * SECOND)}"
    activity.rows(f"INSERT INTO holders BY NAME SELECT DISTINCT * FROM (SELECT {times}, {names}, {number}) "
                  "AS held (since, until, person, team, address)")  # fmt: skip


def _uuid(address: str) -> str:
    return uuid_text(address_from_text(address))


def test_without_rules_nothing_decides(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", visit(JOHN, 0)) as activity:
        assert judged(activity, "") == [(0, 0)]


def test_a_phase_ends_where_a_rule_begins_to_hold(tmp_path: Path) -> None:
    flows = [flow for hour in range(5) for flow in visit(JOHN, 3600 * hour)]
    policy = '[[rule]]\nname = "x"\naction = "deny"\nwhen = "10:00-12:00"\n'
    with activity_of(tmp_path / "lake", flows) as activity:
        assert judged(activity, policy) == [(0, 0), (1, 1), (1, 1), (0, 2), (0, 2)]


@pytest.mark.parametrize(
    ("end", "rules"),
    [
        ("team sales", [1, 0, 0]),
        ("team = Sales", [1, 0, 0]),
        ("user John", [1, 0, 0]),
        ("not team sales", [0, 1, 1]),
    ],
)
def test_people_are_who_held_the_address_then(tmp_path: Path, end: str, rules: list[int]) -> None:
    policy = f'[[rule]]\nname = "x"\naction = "deny"\nfrom = "{end}"\n'
    with activity_of(tmp_path / "lake", visit(JOHN, 0) + visit(JOHN, 1000) + visit(SARAH, 2000)) as activity:
        hold(activity, JOHN, -10, 500, "'John', 'sales'")
        assert [rule for rule, _ in judged(activity, policy)] == rules


def test_nobody_is_in_a_team_where_no_names_are_known(tmp_path: Path) -> None:
    with activity_of(tmp_path / "lake", visit(JOHN, 0)) as activity:
        assert judged(activity, '[[rule]]\nname = "x"\naction = "deny"\nfrom = "team sales"\n') == [(0, 0)]
