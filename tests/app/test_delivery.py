"""Reports sent when they are due, each once."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.analysis.reports.conftest import FLOWS, NOW, TEXT
from tests.sample_lake import make_lake
from tidegauge.analysis.reports.report import ReportError
from tidegauge.app import delivery
from tidegauge.app.delivery import send_due, send_report
from tidegauge.store.lake import Lake

DAY = 86_400 * 10**9
SCHEDULE = '[schedule]\nto = ["boss@example.com"]\nevery = "day"\nat = "06:00"\n'


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = make_lake(tmp_path / "lake", FLOWS)
    (made.path / "mail.toml").write_text('host = "mail.example.com"\nsender = "a@example.com"\n')
    (made.path / "reports").mkdir()
    (made.path / "reports/people.toml").write_text(TEXT.replace("[[section]]", f"{SCHEDULE}\n[[section]]", 1))
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    messages: list[EmailMessage] = []
    monkeypatch.setattr(delivery, "hand_in", lambda message, _post: messages.append(message))
    return messages


def test_a_report_goes_out_once_each_time_it_is_due(lake: Lake, sent: list[EmailMessage]) -> None:
    assert send_due(lake, NOW) == []  # seen for the first time
    assert send_due(lake, NOW + DAY // 2) == []
    assert send_due(lake, NOW + DAY) == ["people"]
    assert send_due(lake, NOW + DAY + 1) == []
    assert [message["To"] for message in sent] == ["boss@example.com"]


def test_what_could_not_be_sent_is_tried_again(
    lake: Lake, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ReportError("the server is down")

    send_due(lake, NOW)
    with monkeypatch.context() as down:
        down.setattr(delivery, "hand_in", refuse)
        with pytest.raises(ReportError, match="the server is down"):
            send_due(lake, NOW + DAY)
    assert send_due(lake, NOW + DAY + 1) == ["people"]
    assert len(sent) == 1


def test_a_report_with_a_mistake_holds_up_no_other(lake: Lake, sent: list[EmailMessage]) -> None:
    send_due(lake, NOW)
    (lake.path / "reports/broken.toml").write_text("title = ")
    with pytest.raises(ReportError, match=r"broken\.toml"):
        send_due(lake, NOW + DAY)
    assert [message["To"] for message in sent] == ["boss@example.com"]
    with pytest.raises(ReportError, match=r"broken\.toml"):
        send_due(lake, NOW + DAY + 1)
    assert len(sent) == 1, "what was sent is remembered though another failed"


def test_somebody_must_be_named(lake: Lake, sent: list[EmailMessage]) -> None:
    with pytest.raises(ReportError, match="report clocks has no schedule that says to whom"):
        send_report(lake, "clocks", (), NOW)
    send_report(lake, "clocks", ("it@example.com",), NOW)
    assert sent[0]["To"] == "it@example.com"
