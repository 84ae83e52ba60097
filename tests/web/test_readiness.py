from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW
from tidegauge.analysis.preparation import prepare
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web import readiness
from tidegauge.web.answers_file import AnswersFile, WrittenAnswer
from tidegauge.web.opening import SINCE, UNTIL, opening, opening_about
from tidegauge.web.readiness import Readiness, make_ready

INVENTORY = """
[people]
John = {}

[machines]
john-laptop = { owner = "John", addresses = ["10.0.0.1"] }
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake", FLOWS, LEDGER)
    (lake.path / "names").mkdir(exist_ok=True)
    (lake.path / "names" / "inventory.toml").write_text(INVENTORY)
    return lake


def written(lake: Lake) -> dict[tuple[str, Query], WrittenAnswer]:
    return {(each.question, each.query): each for each in AnswersFile(lake.path).read()}


def test_the_answers_that_pages_open_with_lie_ready_and_say_of_when_they_are(lake: Lake) -> None:
    found = make_ready(lake.path, NOW, "UTC", most_cpu_seconds=60.0)
    answers = written(lake)
    expected = {(each.name, each.query) for each in (*opening("UTC"), *opening_about("John", "UTC"))}
    assert answers.keys() == expected
    assert found == (len(expected), 1, True, 0)
    assert {answer.made for answer in answers.values()} == {NOW}
    [ranking] = [each for (_, query), each in answers.items() if query.order == "bytes"]
    assert "John" in {row["user"] for row in json.loads(ranking.content)["data"]}


def test_who_has_no_time_for_it_is_told_what_there_is(lake: Lake) -> None:
    found = make_ready(lake.path, NOW, "UTC", most_cpu_seconds=0.0)
    assert not found.is_whole
    assert len(written(lake)) == found.answers == 0


def test_where_not_one_question_would_be_answered_in_time_none_is_asked(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def people(_lake: Lake, now: int) -> list[str]:
        raise AssertionError(f"asked at {now}")

    flows = prepare(lake, Query(since=SINCE, until=UNTIL), NOW)
    assert flows > 1
    monkeypatch.setattr(readiness, "_people", people)
    monkeypatch.setattr(readiness, "MOST_FLOWS_A_SECOND", 1)
    assert make_ready(lake.path, NOW, "UTC", flows - 1) == Readiness(0, 0, is_whole=False, too_many=flows)
    assert not written(lake)
    with pytest.raises(AssertionError, match="asked"):
        make_ready(lake.path, NOW, "UTC", flows)


def test_what_a_server_wrote_meanwhile_stays(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AnswersFile(lake.path)

    def people(_lake: Lake, now: int) -> list[str]:
        file.write([WrittenAnswer("top", Query(top=3), "json", b"of a server", now, now)])
        return []

    monkeypatch.setattr(readiness, "_people", people)
    make_ready(lake.path, NOW, "UTC", most_cpu_seconds=60.0)
    assert [answer.content for answer in file.read()] == [b"of a server"]
