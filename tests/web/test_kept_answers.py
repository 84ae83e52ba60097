from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, running
from tests.web.visitor import Visitor
from tidegauge.analysis.answer import Answer
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web import kept_answers as module
from tidegauge.web.answers_file import AnswersFile
from tidegauge.web.kept_answers import WANTED_SECONDS, Asked, KeptAnswers, age_accepted

SECOND = 1_000_000_000


def tides(_lake: Lake, _query: Query, _now: int) -> Answer:
    return Answer(data=[], columns=[])


def other_tides(_lake: Lake, _query: Query, _now: int) -> Answer:
    return Answer(data=[], columns=[])


def kept_in(lake_path: Path) -> KeptAnswers:
    return KeptAnswers(AnswersFile(lake_path), {"tides": tides})


def asked(words: str = "") -> Asked:
    return Asked(tides, Query(filter=words), "json")


@pytest.mark.parametrize(
    ("words", "age"),
    [
        ("max-age=600", 600),
        ("no-transform, Max-Age=5", 5),
        ("max-age=0", 0),
        ("", None),
        ("no-cache", None),
        ("max-age=", None),
        ("max-age=-1", None),
        ("max-age=many", None),
        ("s-max-age=5", None),
        ("max-age=99999999999999999999", None),
    ],
)
def test_a_request_says_how_old_an_answer_may_be(words: str, age: float | None) -> None:
    assert age_accepted({"cache-control": words}) == age


def test_an_answer_serves_until_it_is_as_old_as_is_accepted() -> None:
    answers = KeptAnswers()
    answers.keep(asked(), b"high", made=100.0, state=answers.state)
    assert answers.find(asked(), most_age=10.0, now=104.0) == (b"high", 4.0)
    assert answers.find(asked(), most_age=4.0, now=104.0) is None
    assert answers.find(asked("tcp"), most_age=10.0, now=104.0) is None


def test_what_was_changed_meanwhile_is_not_kept() -> None:
    answers = KeptAnswers()
    state = answers.state
    answers.forget()
    answers.keep(asked(), b"from before", made=100.0, state=state)
    assert answers.find(asked(), most_age=10.0, now=101.0) is None


def test_what_was_forgotten_is_still_wanted() -> None:
    answers = KeptAnswers()
    answers.keep(asked(), b"high", made=100.0, state=answers.state)
    answers.forget()
    assert answers.find(asked(), most_age=10.0, now=101.0) is None
    assert answers.wanted(102.0) == [asked()]


def test_what_nobody_asked_for_in_hours_is_wanted_no_more() -> None:
    answers = KeptAnswers()
    for words in ("tcp", "udp"):
        answers.keep(asked(words), b"high", made=0.0, state=answers.state)
    answers.find(asked("udp"), most_age=1.0, now=60.0)
    answers.keep(asked("tcp"), b"renewed, which is no wish", made=50.0, state=answers.state)
    assert answers.wanted(WANTED_SECONDS + 30.0) == [asked("udp")]


def test_of_too_many_the_one_unwanted_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ANSWERS", 2)
    answers = KeptAnswers()
    for moment, words in enumerate(("tcp", "udp")):
        answers.keep(asked(words), b"high", made=moment, state=answers.state)
    answers.find(asked("tcp"), most_age=10.0, now=3.0)
    answers.keep(asked("icmp"), b"high", made=4.0, state=answers.state)
    assert answers.wanted(5.0) == [asked("tcp"), asked("icmp")]


def test_answers_take_no_more_than_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    monkeypatch.setattr(module, "LARGEST_BYTES", 6)
    answers = KeptAnswers()
    for words, size in (("tcp", 6), ("udp", 6), ("icmp", 4), ("gre", 7)):
        answers.keep(asked(words), bytes(size), made=0.0, state=answers.state)
    held = {words: answers.find(asked(words), 10.0, 1.0) for words in ("tcp", "udp", "icmp", "gre")}
    assert [words for words, found in held.items() if found] == ["udp", "icmp"]


def test_a_process_begins_with_the_answers_of_the_one_before(tmp_path: Path) -> None:
    before = kept_in(tmp_path)
    before.keep(asked("tcp"), b"high", made=100.0, state=before.state)
    before.keep(Asked(other_tides, Query(), "json"), b"nobody's", made=100.0, state=before.state)
    before.find(asked("tcp"), most_age=60.0, now=104.0)
    write = before.to_write(now=110.0, instant=1_010 * SECOND)
    assert write is not None
    assert before.to_write(now=111.0, instant=1_011 * SECOND) is None  # nothing is new
    write()
    after = kept_in(tmp_path)
    after.read(now=5.0, instant=1_020 * SECOND)
    assert after.to_write(now=6.0, instant=1_021 * SECOND) is None
    assert after.find(asked("tcp"), most_age=20.0, now=5.0) is None
    assert after.find(asked("tcp"), most_age=21.0, now=5.0) == (b"high", 20.0)
    assert after.wanted(6.0) == [asked("tcp")]


@pytest.mark.parametrize("instant", [999, 1_000 + int(WANTED_SECONDS) + 1])
def test_answers_that_are_too_old_or_still_to_come_are_left(tmp_path: Path, instant: int) -> None:
    before = kept_in(tmp_path)
    before.keep(asked(), b"high", made=100.0, state=before.state)
    write = before.to_write(now=100.0, instant=1_000 * SECOND)
    assert write is not None
    write()
    after = kept_in(tmp_path)
    after.read(now=5.0, instant=instant * SECOND)
    assert after.wanted(5.0) == []


def test_what_somebody_changed_is_told_by_no_later_process(tmp_path: Path) -> None:
    before = kept_in(tmp_path)
    before.keep(asked(), b"high", made=100.0, state=before.state)
    write = before.to_write(now=100.0, instant=SECOND)
    assert write is not None
    write()
    before.forget()
    after = kept_in(tmp_path)
    after.read(now=100.0, instant=SECOND)
    assert after.find(asked(), most_age=600.0, now=100.0) is None


def test_a_page_is_told_the_same_again_and_how_old_it_is(visitor: Visitor) -> None:
    content = {"cache-control": "max-age=600"}
    first = visitor.get("/api/v1/top", content, by="src_addr")
    again = visitor.get("/api/v1/top", content, by="src_addr")
    assert (first.headers["age"], again.body) == ("0", first.body)
    assert visitor.get("/api/v1/top", content, by="dst_addr").json["data"] != first.json["data"]


def test_who_says_nothing_or_wants_it_new_has_the_lake_asked(visitor: Visitor) -> None:
    content = {"cache-control": "max-age=600"}
    told = [
        visitor.get("/api/v1/top", headers, by="src_addr").json["stats"]["milliseconds"]
        for headers in (content, {}, {"cache-control": "max-age=0"}, content)
    ]
    # How long each took differs, so that the last is seen to be the third.
    assert len(set(told[:3])) == 3
    assert told[3] == told[2]


def test_who_pinned_a_name_sees_it_at_once(tmp_path: Path) -> None:
    content, pin = {"cache-control": "max-age=600"}, {"address": FLOWS[0]["src_addr"], "name": "Wilhelmina"}
    with running(make_lake(tmp_path / "lake", FLOWS, LEDGER).path) as visitor:
        before = visitor.get("/api/v1/top", content, by="user").json["data"]
        assert visitor.post("/api/v1/names/pin", json.dumps(pin).encode()).status == 204
        after = visitor.get("/api/v1/top", content, by="user").json["data"]
    assert "Wilhelmina" not in {row["user"] for row in before}
    assert "Wilhelmina" in {row["user"] for row in after}
