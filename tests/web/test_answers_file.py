from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.query.question import Query
from tidegauge.store.lake import ANSWERS
from tidegauge.web import answers_file
from tidegauge.web.answers_file import AnswersFile, WrittenAnswer


def answer(number: int, content: bytes = b"{}") -> WrittenAnswer:
    return WrittenAnswer("top", Query(by=("user",), top=number), "json", content, made=7, wanted=number)


def test_what_is_written_is_read_the_last_wanted_last(tmp_path: Path) -> None:
    file = AnswersFile(tmp_path)
    file.write([answer(3), answer(1), answer(2)])
    assert file.read() == [answer(1), answer(2), answer(3)]
    file.write([answer(4)])
    assert AnswersFile(tmp_path).read() == [answer(4)]
    assert [path.name for path in tmp_path.iterdir()] == [ANSWERS]


def test_of_too_much_the_last_wanted_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_file, "MOST_BYTES", 8)
    file = AnswersFile(tmp_path)
    file.write([answer(number, b"four") for number in (1, 2, 3)])
    assert file.read() == [answer(2, b"four"), answer(3, b"four")]


def test_what_another_release_wrote_or_nobody_can_read_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AnswersFile(tmp_path)
    assert file.read() == []
    file.write([answer(1)])
    with monkeypatch.context() as patch:
        patch.setattr(answers_file, "__version__", "0.0.1")
        assert file.read() == []
    (tmp_path / ANSWERS).write_bytes(b"rubbish")
    assert file.read() == []


def test_what_is_removed_or_cannot_be_written_is_not_there(tmp_path: Path) -> None:
    file = AnswersFile(tmp_path)
    file.write([answer(1)])
    file.remove()
    assert file.read() == []
    nowhere = AnswersFile(tmp_path / "none")
    nowhere.write([answer(1)])
    nowhere.remove()
    assert nowhere.read() == []
