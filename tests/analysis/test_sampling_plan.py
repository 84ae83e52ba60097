from __future__ import annotations

import pytest

from tidegauge.analysis.sampling_plan import FILE_NAME, plan_from_text, sampling_plan
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.sampling import EVER, FOREVER
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake

CORE = '[core]\nexporter = "192.0.2.1"\n'
UPLINK = """
["the uplink"]
exporter = "2001:db8::1"
interface = 3
direction = "out"
interval = 1
since = 2026-05-01
until = 2026-05-02T08:00:00+02:00
"""


def test_a_plan_says_who_samples_how_and_when() -> None:
    core, uplink = plan_from_text(f"{CORE}interval = 1_000\n{UPLINK}")
    assert (core.sampled, core.interface, core.direction) == (1000, None, None)
    assert core.exporter == "00000000-0000-0000-0000-ffffc0000201"
    assert (core.since, core.until) == (EVER, FOREVER)
    assert (uplink.sampled, uplink.interface, uplink.direction) == (1, 3, 1)
    assert uplink.since == instant_from_text("2026-05-01T00:00Z")
    assert uplink.until == instant_from_text("2026-05-02T06:00Z")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('interval = 10\nexporter = "router"', r"router"),
        ('exporter = "::1"', "interval"),
        ('exporter = "::1"\ninterval = 0', "1000 for one packet in 1000"),
        ('exporter = "::1"\ninterval = 4294967296', "1000 for one packet in 1000"),
        ('exporter = "::1"\ninterval = 10\ndirection = "up"', "up"),
        ('exporter = "::1"\ninterval = 10\nintervall = 10', "intervall"),
        ('exporter = "::1"\ninterval = 10\nsince = "soon"', "soon"),
        ('exporter = "::1"\ninterval = 10\nsince = 2026-05-02\nuntil = 2026-05-01', "since before until"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(entry: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"sampling.toml:4: 'up': .*{words}"):
        plan_from_text(f"{CORE}interval = 2\n[up]\n{entry}")


def test_a_line_outside_of_a_table_is_told() -> None:
    with pytest.raises(ValueError, match="a name in brackets"):
        plan_from_text("interval = 100")


def test_two_statements_never_hold_at_once() -> None:
    again = '[again]\nexporter = "192.0.2.1"\ninterval = 10\n'
    with pytest.raises(ValueError, match=r":4: 'again' speaks of the same as 'core'.*since or until"):
        plan_from_text(f"{CORE}interval = 2\n{again}")
    with pytest.raises(ValueError, match=r"an end, until = 2026-05-01T00:00:00.000000000Z"):
        plan_from_text(f"{CORE}interval = 2\n{again}since = 2026-05-01")
    assert len(plan_from_text(f"{CORE}interval = 2\nuntil = 2026-05-01\n{again}since = 2026-05-01")) == 2
    assert len(plan_from_text(f"{CORE}interval = 2\n{again}interface = 0")) == 2


def test_a_lake_without_a_plan_has_none_and_a_broken_one_is_told(empty_lake: Lake) -> None:
    assert sampling_plan(empty_lake.path) == []
    (empty_lake.path / FILE_NAME).write_text("[up")
    with pytest.raises(LakeUnreadableError, match=FILE_NAME):
        sampling_plan(empty_lake.path)
