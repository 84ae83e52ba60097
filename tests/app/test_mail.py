"""A report handed to a real SMTP server."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.analysis.reports.conftest import FLOWS, NOW, TEXT
from tests.ports import free_port
from tests.sample_lake import make_lake
from tidegauge.analysis.reports.answering import AnsweredReport, answered
from tidegauge.analysis.reports.report import ReportError, report_from_text
from tidegauge.app.mail import Post, hand_in, message_from_report, post_from_file


class Letterbox:
    """Keeps what it is handed; refuses anybody called ``nobody``."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(  # noqa: N802 (the server's name for it)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (the same)
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), message))
        return "250 OK"


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, Post]]:
    box = Letterbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Post(host="127.0.0.1", port=port, sender="tidegauge@example.com", security="none")
    controller.stop()


@pytest.fixture
def found(tmp_path: Path) -> AnsweredReport:
    lake = make_lake(tmp_path / "lake", FLOWS)
    return answered(lake, "people", report_from_text(TEXT, "people.toml"), NOW)


def test_a_mail_has_the_page_the_table_and_the_pdf(
    letterbox: tuple[Letterbox, Post], found: AnsweredReport
) -> None:
    box, post = letterbox
    hand_in(message_from_report(found, post.sender, ["boss@example.com", "it@example.com"]), post)
    [(recipients, message)] = box.received
    assert recipients == ["boss@example.com", "it@example.com"]
    assert message["Subject"].strip().startswith("People & bytes: Monday 05 January")
    assert {part.get_filename() for part in message.iter_attachments()} == {"people.csv", "people.pdf"}
    body = message.get_body(("html",))
    assert body is not None
    assert "2.00 MB" in body.get_content()


def test_a_refusal_is_told_in_one_sentence(letterbox: tuple[Letterbox, Post], found: AnsweredReport) -> None:
    _, post = letterbox
    told = r"mail to nobody@example\.com by 127\.0\.0\.1:\d+ failed: .*no such person"
    with pytest.raises(ReportError, match=told):
        hand_in(message_from_report(found, post.sender, ["nobody@example.com"]), post)


def test_a_server_that_is_not_there_is_told(found: AnsweredReport) -> None:
    post = Post(host="127.0.0.1", port=9, sender="a@example.com", security="none")
    with pytest.raises(ReportError, match=r"127\.0\.0\.1:9 failed"):
        hand_in(message_from_report(found, post.sender, ["boss@example.com"]), post)


def test_no_encryption_where_it_was_asked_for_sends_nothing(
    letterbox: tuple[Letterbox, Post], found: AnsweredReport
) -> None:
    box, plain = letterbox
    wary = Post(host=plain.host, port=plain.port, sender=plain.sender)
    with pytest.raises(ReportError, match="STARTTLS"):
        hand_in(message_from_report(found, wary.sender, ["boss@example.com"]), wary)
    assert box.received == []


def test_the_settings_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "mail.toml"
    with pytest.raises(ReportError, match="there is no"):
        post_from_file(path)
    path.write_text('host = "mail.example.com"\nsender = "a@example.com"\npasword_file = "x"\n')
    with pytest.raises(ReportError, match="pasword_file"):
        post_from_file(path)
    path.write_text('host = "mail.example.com"\nsender = "a@example.com"\n')
    assert post_from_file(path) == Post(host="mail.example.com", sender="a@example.com")
