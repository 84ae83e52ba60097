"""Every installed question gives the same rows on DuckDB and on ClickHouse, statement by statement."""

from __future__ import annotations

import inspect
import pkgutil
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

import tidegauge.query
from tests.clickhouse import TwoEngines, served
from tests.conformance.every_question import NOW, QUESTIONS, make
from tidegauge.analysis.questions import question_named, question_names
from tidegauge.query.error import QuestionError
from tidegauge.query.statement import Statement
from tidegauge.store.lake import Lake

RUN_BY = {
    "answers_in_order": ("timeline", 0), "billing": ("billing", 0), "conversations": ("conversations", 0),
    "extent": ("top", 8), "flows_in_order": ("timeline", 0), "identity": ("profile", 2),
    "kinds_told": ("timeline", 0), "links": ("links", 1), "matrix": ("matrix", 1), "measured": ("links", 1),
    "names_in_order": ("timeline", 0), "page": ("flows", 1), "page_end": ("flows", 1),
    "profile": ("profile", 2), "ranking_with_whole": ("top", 8), "reported_extent": ("top", 8),
    "responses": ("links", 1), "series": ("profile", 2), "series_over": ("series", 1),
    "sessions": ("sessions", 0), "totals": ("flows", 1),
}  # fmt: skip
"""Each statement of the query room, and the form of a question that runs it."""
OF_OWN_FILES = {"alerts", "exchanges"}
OF_NO_FLOWS = {"time_status"}
# By no question: tests/store/engines/test_clickhouse.py; of exports, which DuckDB alone writes,
# tests/analysis/test_export.py; of what moved flows span, which are left out of its files alone,
# tests/query/test_ends.py.
APART = {"listing", "ranking", "time_sources", "export_flows", "export_table", "span"}
# To compare all forms takes minutes of processor time, a profile alone ten seconds; a few stand for the rest.
EACH_TIME = {
    "billing": (0,), "conversations": (0,), "flows": (1,), "links": (1,), "matrix": (1,), "profile": (),
    "series": (1,), "sessions": (0,), "timeline": (0,), "top": (8, 22),
}  # fmt: skip
FORMS = [
    pytest.param(name, number, marks=() if number in EACH_TIME.get(name, (number,)) else pytest.mark.soak)
    for name, forms in QUESTIONS.items()
    for number in range(len(forms))
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with served(make(tmp_path_factory.mktemp("questions") / "lake")) as lake:
        yield lake


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The statements of the query room made since, by the name of what makes them."""
    made: set[str] = set()
    make_statement = Statement.__init__

    def noted(self: Statement, *given: object, **named: object) -> None:
        frame = sys._getframe(1)
        while frame.f_back and frame.f_globals["__name__"].startswith("tidegauge.query."):
            made.add(frame.f_code.co_name)
            frame = frame.f_back
        make_statement(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Statement, "__init__", noted)
    return made


@pytest.mark.parametrize(("name", "number"), FORMS)
def test_both_engines_give_the_same_rows(
    lake: Lake, run: set[str], monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    TwoEngines.asked_by_readings(monkeypatch)
    question, query = question_named(name), QUESTIONS[name][number]
    if name in OF_OWN_FILES:
        with pytest.raises(QuestionError, match="the lake's own files"):
            question(lake, query, NOW)
        return
    assert question(lake, query, NOW).data
    assert run >= {statement for statement, form in RUN_BY.items() if form == (name, number)}


@pytest.mark.parametrize(
    ("name", "number"), [("exporters", 0), pytest.param("links", 1, marks=pytest.mark.soak), ("top", 15)]
)
def test_a_lake_without_flows_of_its_own_answers_the_same(lake: Lake, name: str, number: int) -> None:
    """Nothing is taken from its own files where flows, options and the ledger are said to be elsewhere."""
    names = Lake.open(_without_flows(lake).path, clickhouse=lake.clickhouse)
    question, query = question_named(name), QUESTIONS[name][number]
    here, there = (question(each, query, NOW) for each in (Lake.open(lake.path), names))
    for told in ("data", "columns", "totals", "warnings", "completeness", "clock"):
        assert getattr(there, told) == getattr(here, told)


def _without_flows(lake: Lake) -> Lake:
    """The same lake, but for what lies in ClickHouse."""
    names = Lake.create(lake.path.with_name(f"names-{len([*lake.path.parent.iterdir()])}"))
    for found in lake.path.iterdir():
        if found.name in ("names", "counters"):
            shutil.copytree(found, names.path / found.name, dirs_exist_ok=True)
        elif found.suffix == ".toml":
            shutil.copy(found, names.path)
    return names


def test_every_installed_question_is_asked() -> None:
    assert QUESTIONS.keys() | OF_NO_FLOWS == set(question_names())


def test_every_statement_is_run_by_a_question_or_apart() -> None:
    assert statement_names() == RUN_BY.keys() | APART
    each_time = {(name, number) for name, numbers in EACH_TIME.items() for number in numbers}
    assert {form for form in RUN_BY.values() if form[0] != "profile"} <= each_time


def statement_names() -> set[str]:
    """The functions of the query room that give a statement."""
    modules = [
        import_module(f"tidegauge.query.{found.name}")
        for found in pkgutil.iter_modules(tidegauge.query.__path__)
    ]
    return {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__annotations__.get("return") == "Statement" and not name.startswith("_")
    }
