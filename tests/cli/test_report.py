"""Reports on the command line: listed, written, and refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tidegauge.cli.main import UNREACHABLE, USAGE

OWN = """
title = "Mine"
period = "today"
[[section]]
title = "Sources"
query = { by = ["src_addr"], metrics = ["bytes"] }
"""


@pytest.fixture
def own(sample: Path) -> Path:
    (sample / "reports").mkdir()
    (sample / "reports/own.toml").write_text(OWN)
    return sample


def test_without_a_name_they_are_listed(terminal: Terminal, own: Path) -> None:
    ran = terminal("report")
    assert ran.code == 0
    assert "own\tMine" in ran.out.splitlines()
    assert own.exists()


@pytest.mark.usefixtures("own")
def test_the_file_says_its_format(terminal: Terminal, tmp_path: Path) -> None:
    page, sheet = tmp_path / "own.html", tmp_path / "own.csv"
    assert terminal("report", "own", "--output", str(page)).err == f"wrote {page}\n"
    assert page.read_text().startswith("<!doctype html>")
    terminal("report", "own", "--output", str(sheet))
    assert sheet.read_text().startswith('"Sources"')


@pytest.mark.usefixtures("own")
def test_json_has_each_section_with_its_answer(terminal: Terminal) -> None:
    [section] = json.loads(terminal("report", "own", "--format", "json", "--period", "last month").out)
    assert section["title"] == "Sources"
    assert section["data"] == []
    assert section["completeness"]["fraction"] == 1.0


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["dayly"], "there is no report 'dayly'"),
        (["own", "--mail", "boss@example.com"], "mail.toml"),
        (["own", "--period", "some day"], "'some day' is not one of"),
    ],
)
def test_what_cannot_be_done_is_told(terminal: Terminal, arguments: list[str], told: str) -> None:
    ran = terminal("report", *arguments)
    assert ran.code == USAGE
    assert told in ran.err


def test_a_mail_server_that_is_not_there_is_told_as_unreachable(terminal: Terminal, own: Path) -> None:
    (own / "mail.toml").write_text(
        'host = "127.0.0.1"\nport = 9\nsender = "a@example.com"\nsecurity = "none"\n'
    )
    ran = terminal("report", "own", "--mail", "boss@example.com")
    assert ran.code == UNREACHABLE
    assert "mail to boss@example.com by 127.0.0.1:9 failed" in ran.err


def test_nothing_is_due_where_nothing_is_scheduled(terminal: Terminal, own: Path) -> None:
    assert terminal("report", "--due").code == 0
    assert (own / "reports/sent.json").read_text() == "{}"
