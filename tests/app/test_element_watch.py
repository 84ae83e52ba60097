from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.flow_sender import wait_until
from tidegauge.app import element_watch
from tidegauge.app.element_watch import ElementWatch, told_elements
from tidegauge.exporters.element_file import ElementFileError, ToldElement

HEADING = "enterprise,id,name,type\n"
RULE = ToldElement(64500, 1, "acmeRule", "string")


def test_no_file_names_nothing(tmp_path: Path) -> None:
    assert told_elements(tmp_path / "elements.csv") == []


def test_a_mistake_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "elements.csv"
    path.write_text(f"{HEADING}1,1,a\n")
    with pytest.raises(ElementFileError, match=r"elements\.csv: line 2: 3 values"):
        told_elements(path)
    with pytest.raises(ElementFileError, match="line 2"):
        ElementWatch(path, lambda _told: None)


def test_a_change_is_told_and_a_mistake_leaves_what_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(element_watch, "LOOK_SECONDS", 0.01)
    path = tmp_path / "elements.csv"
    told: list[Sequence[ToldElement]] = []
    watch = ElementWatch(path, told.append)
    assert told == [], "there is no file yet"
    watch.start()
    try:
        path.write_text(f"{HEADING}64500,1,acmeRule,string\n")
        wait_until(lambda: told[-1:] == [[RULE]])
        path.write_text("nonsense, and much longer than before\n" * 3)
        wait_until(lambda: "cannot be read" in caplog.text)
        assert told[-1] == [RULE]
        path.unlink()
        wait_until(lambda: told[-1] == [])
    finally:
        watch.stop()
