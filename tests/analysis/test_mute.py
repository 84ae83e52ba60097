from __future__ import annotations

import pytest

from tests.analysis.test_finding import FINDING
from tidegauge.analysis.actors import NOBODY, Holder
from tidegauge.analysis.mute import Mute, actor_of
from tidegauge.analysis.policy_file import end_from_text
from tidegauge.store.engines.duckdb import HOME_NETWORKS

JOHN = Holder(person="John", machine="john-laptop", team="sales")
MACROS = {"office": "net in [10.0.0.0/24]"}


def test_the_scope_names_a_mute_and_nothing_else_does() -> None:
    mute = Mute(detector="scan", about="10.0.0.7")
    assert mute.id == Mute(detector="scan", about="10.0.0.7", until="2026-01-01", reason="ours").id
    assert mute.id not in {Mute(detector="scan").id, Mute(finding="scan", about="10.0.0.7").id}


@pytest.mark.parametrize(
    ("words", "is_meant"),
    [
        ("10.0.0.7", True),
        ("10.0.0.8", False),
        ("10.0.0.0/8", True),
        ("192.0.2.0/24 or 10.0.0.7", True),
        ("not 10.0.0.7", False),
        ("10.0.0.0/8 and not 10.0.0.0/24", False),
        ("@office", True),
        ("home", True),
        ("outside", False),
        ("any", True),
        ("user john", True),
        ("user Sarah", False),
        ("machine john-laptop", True),
        ("team sales", True),
    ],
)
def test_who_is_meant_is_said_as_in_a_policy(words: str, is_meant: bool) -> None:
    assert actor_of(FINDING, JOHN, HOME_NETWORKS).is_at(end_from_text(words, MACROS)) is is_meant


def test_nobody_has_no_name() -> None:
    assert not actor_of(FINDING, NOBODY, HOME_NETWORKS).is_at(end_from_text("user John", {}))
