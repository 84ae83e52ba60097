"""Mail: a report on its way to people, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Literal

import msgspec

from tidegauge.analysis.reports.page import page, period_text
from tidegauge.analysis.reports.printed import printed
from tidegauge.analysis.reports.report import ReportError
from tidegauge.analysis.reports.sheet import sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.analysis.reports.answering import AnsweredReport

PATIENCE_SECONDS = 30


class DeliveryError(ReportError):
    """A mail that could not be handed in."""


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail is handed in: ``mail.toml`` in the lake's folder.

    ``security`` is ``starttls``, ``tls`` (from the first byte) or ``none``, which is only right for a
    server on this machine. The password is read from ``password_file``, so that this file holds no secret.
    """

    host: str
    sender: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""


def post_from_file(path: Path) -> Post:
    """Read ``mail.toml``. Raises ReportError when it is missing or makes no sense."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Post)
    except FileNotFoundError:
        raise ReportError(f"there is no {path}; write host, sender and how to log in there") from None
    except (msgspec.DecodeError, OSError) as error:
        raise ReportError(f"{path}: {error}") from None


def message_from_report(found: AnsweredReport, sender: str, to: Sequence[str]) -> EmailMessage:
    """The report as a mail: HTML in the body, CSV and, where it can be made, PDF attached."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, ", ".join(to)
    title = " ".join(found.report.title.split())  # a header is one line
    message["Subject"] = f"{title}: {period_text(found)}"
    message.set_content(f"{message['Subject']}\n\nThe report is in the HTML part of this mail, and attached.")
    message.add_alternative(page(found), subtype="html")
    message.add_attachment(sheet(found), maintype="text", subtype="csv", filename=f"{found.name}.csv")
    try:
        pdf = printed(found)
    except ReportError:
        return message  # without the extra there is still the page and the table
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{found.name}.pdf")
    return message


def hand_in(message: EmailMessage, post: Post) -> None:
    """Give a mail to the server. Raises DeliveryError saying what was refused, or that nobody is there."""
    try:
        with _connection(post) as server:
            if post.user:
                server.login(post.user, _password(post))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"mail to {message['To']} by {post.host}:{post.port} failed: {error}") from error


def _connection(post: Post) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if post.security == "tls":
        return smtplib.SMTP_SSL(post.host, post.port, timeout=PATIENCE_SECONDS, context=context)
    server = smtplib.SMTP(post.host, post.port, timeout=PATIENCE_SECONDS)
    if post.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _password(post: Post) -> str:
    with open(post.password_file, encoding="utf-8") as file:  # noqa: PTH123 (named in the file as text)
        return file.read().strip()
