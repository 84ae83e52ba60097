from __future__ import annotations

import pytest

from tidegauge.analysis.link_plan import FILE_NAME, link_plan, links_from_text
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake

PLAN = """
[Internet]
exporter = "192.0.2.1"
interface = 3
capacity_in = "1G"
capacity_out = "200 Mbit/s"

[Office]
exporter = "2001:db8::1"
interface = 1
capacity = 10_000
"""


def test_capacities_are_bits_per_second() -> None:
    internet, office = links_from_text(PLAN).values()
    assert (internet.interface, internet.capacity_in, internet.capacity_out) == (3, 10**9, 200 * 10**6)
    assert (office.capacity_in, office.capacity_out) == (10_000, 10_000)
    assert internet.exporter == bytes(10) + b"\xff\xff\xc0\x00\x02\x01"


def test_a_link_may_be_named_before_its_capacity_is_known() -> None:
    [link] = links_from_text('[up]\nexporter = "::1"\ninterface = 2').values()
    assert (link.capacity_in, link.capacity_out) == (None, None)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('exporter = "router"\ninterface = 1', "router"),
        ('exporter = "::1"', "interface"),
        ('exporter = "::1"\ninterface = 1\ncapacity = "fast"', "'fast' is no capacity"),
        ('exporter = "::1"\ninterface = 1\ncapacity = 0', "no capacity"),
        ('exporter = "::1"\ninterface = 1\ncapasity = "1G"', "capasity"),
    ],
)
def test_what_is_wrong_is_told_with_the_link(entry: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"'up'.*{words}"):
        links_from_text(f"[up]\n{entry}")


def test_a_lake_without_a_plan_has_none_and_a_broken_one_is_told(empty_lake: Lake) -> None:
    assert link_plan(empty_lake) == {}
    (empty_lake.path / FILE_NAME).write_text("[up")
    with pytest.raises(LakeUnreadableError, match=FILE_NAME):
        link_plan(empty_lake)
