from __future__ import annotations

from tidegauge.lab.activity import MINUTE, Activity
from tidegauge.lab.people import person
from tidegauge.lab.sites import SERVICES
from tidegauge.lab.truth import Usage, usages


def used(service: str, start: int, end: int, up: int, down: int) -> Activity:
    return Activity("John", person("John").laptop, SERVICES[service], start * MINUTE, end * MINUTE, up, down)


def test_uses_of_one_service_are_summed_and_overlap_counts_once() -> None:
    activities = [used("BBC", 0, 10, 1, 2), used("BBC", 5, 12, 10, 20), used("BBC", 20, 21, 100, 200)]
    assert usages(activities) == [Usage("John", "BBC", 3, 13.0, 111, 222)]


def test_the_most_used_comes_first() -> None:
    order = [usage.service for usage in usages([used("BBC", 0, 1, 1, 1), used("GitHub", 0, 1, 2, 2)])]
    assert order == ["GitHub", "BBC"]
