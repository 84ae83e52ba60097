from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.analysis.test_finding import FINDING
from tests.sample_lake import SECOND, make_lake
from tidegauge.analysis.actors import NOBODY, holders_of, named
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.store.bindings import append
from tidegauge.store.engines.duckdb import Engine

START, END = FINDING.first_seen, FINDING.last_seen
MINUTE = 60 * SECOND


def held(kind: Kind, name: str, since: int, until: int) -> Binding:
    address = address_from_text(FINDING.actor).to_bytes(16, "big")
    return Binding(
        kind=kind, address=address, name=name, since=since, until=until, source="test", confidence=90
    )


def name_with(path: Path, *bindings: Binding) -> str | None:
    lake = make_lake(path / "lake")
    append(lake, bindings, now=END)
    with lake.generation() as generation, Engine(generation) as engine:
        other = msgspec.structs.replace(FINDING, actor="10.0.0.8")
        mine, others = holders_of([FINDING, other], engine, lake)
    assert named(other, others) == other
    return named(FINDING, mine).actor_name


@pytest.mark.parametrize(
    ("bindings", "name"),
    [
        pytest.param([], None, id="nobody said"),
        pytest.param([held(Kind.PERSON, "John", START - MINUTE, END + MINUTE)], "John", id="a person"),
        pytest.param([held(Kind.MACHINE, "john-laptop", START, END + 1)], "john-laptop", id="a machine"),
        pytest.param([held(Kind.PERSON, "John", START - MINUTE, START)], None, id="gone before it began"),
        pytest.param([held(Kind.PERSON, "John", END + 1, END + MINUTE)], None, id="come after it ended"),
        pytest.param(
            [held(Kind.PERSON, "John", START, START + 1), held(Kind.PERSON, "Sarah", START + 1, END + 1)],
            "Sarah",
            id="two, one after the other",
        ),
    ],
)
def test_the_actor_is_who_held_the_address_then(
    tmp_path: Path, bindings: list[Binding], name: str | None
) -> None:
    assert name_with(tmp_path, *bindings) == name


def test_no_findings_need_no_names(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    with lake.generation() as generation, Engine(generation) as engine:
        assert holders_of([], engine, lake) == []


def test_a_name_of_the_detectors_own_stays_where_nobody_held_the_address() -> None:
    told = msgspec.structs.replace(FINDING, actor_name="router")
    assert named(told, NOBODY).actor_name == "router"
