from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.analysis.clock_plan import ClockPlan, Policy, clock_plan, plan_from_text
from tidegauge.flow.addresses import address_from_text
from tidegauge.store.errors import LakeUnreadableError

LAB = address_from_text("192.0.2.7").to_bytes(16, "big")
OTHER = address_from_text("192.0.2.8").to_bytes(16, "big")


def test_without_a_plan_the_proven_is_corrected(tmp_path: Path) -> None:
    assert clock_plan(tmp_path).policy_of(LAB) is Policy.PROVEN
    assert not clock_plan(tmp_path).is_for_everyone


def test_one_exporter_may_differ_from_all(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text(
        'correct = "never"\n["lab"]\nexporter = "192.0.2.7"\ncorrect = "always"\n'
    )
    plan = clock_plan(tmp_path)
    assert (plan.policy_of(LAB), plan.policy_of(OTHER)) == (Policy.ALWAYS, Policy.NEVER)
    assert plan.is_for_everyone
    assert plan_from_text('correct = "never"') == ClockPlan(Policy.NEVER)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("correct = ", "clocks.toml: Invalid value"),
        ('correct = "sometimes"', "clocks.toml: correct is one of never, proven, always, not 'sometimes'"),
        ('lab = "192.0.2.7"', "clocks.toml: 'lab': write exporter and correct below a name in brackets"),
        (
            '[lab]\nexporter = "192.0.2.7"',
            "clocks.toml: 'lab': correct is one of never, proven, always, not ''",
        ),
        (
            '[lab]\nexporter = "router"\ncorrect = "never"',
            "clocks.toml: 'lab': 'router' does not appear to be an",
        ),
        ('[lab]\ncorrect = "never"', "clocks.toml: 'lab': Object missing required field `exporter`"),
        ('[lab]\nexporter = "192.0.2.7"\ncorrect = "never"\nport = 1', "unknown field `port`"),
        (
            '[a]\nexporter = "192.0.2.7"\ncorrect = "never"\n[b]\nexporter = "192.0.2.7"\ncorrect = "never"',
            "clocks.toml: 'b' speaks of the same exporter as another entry; keep one",
        ),
    ],
)
def test_mistakes_are_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"clocks\.toml") as caught:
        plan_from_text(text)
    assert complaint in str(caught.value)


def test_a_wrong_plan_makes_the_lake_unreadable_rather_than_ignored(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text('correct = "sometimes"')
    with pytest.raises(LakeUnreadableError, match="sometimes"):
        clock_plan(tmp_path)
