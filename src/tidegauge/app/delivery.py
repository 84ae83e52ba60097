"""Delivery: reports sent when they are due, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reports.answering import answered
from tidegauge.analysis.reports.report import ReportError, report_named, report_names, reports_folder
from tidegauge.analysis.reports.schedule import last_due
from tidegauge.app.mail import hand_in, message_from_report, post_from_file
from tidegauge.store.durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.store.lake import Lake


def send_report(lake: Lake, name: str, to: Sequence[str], now: int) -> None:
    """Make a report and mail it. Raises ReportError."""
    report = report_named(name, reports_folder(lake))
    recipients = tuple(to) or (report.schedule.to if report.schedule else ())
    if not recipients:
        raise ReportError(f"report {name} has no schedule that says to whom it goes; name somebody")
    post = post_from_file(lake.path / "mail.toml")
    found = answered(lake, name, report, now)
    hand_in(message_from_report(found, post.sender, recipients), post)


def send_due(lake: Lake, now: int) -> list[str]:
    """Mail every report whose time has come since it was last sent; returns their names.

    A report never sent before waits for its next time, so that writing one mails nothing at once. What
    cannot be sent is tried again the next time this is called. Raises ReportError, after all were tried.
    """
    sent, failures, done = _sent(lake), [], []
    for name in report_names(reports_folder(lake)):
        try:
            if _is_due(lake, name, sent, now):
                send_report(lake, name, (), now)
                sent[name] = now
                done.append(name)
        except ReportError as error:
            failures.append(error)
        _remember(lake, sent)  # at once: what comes next may fail in any way, and nothing is sent twice
    if failures:
        raise type(failures[0])("; ".join(map(str, failures)))
    return done


def _is_due(lake: Lake, name: str, sent: dict[str, int], now: int) -> bool:
    """Whether a report's time has come; ``sent`` notes those seen for the first time."""
    report = report_named(name, reports_folder(lake))
    if report.schedule is None:
        return False
    return sent.setdefault(name, now) < last_due(report.schedule, report.time_zone, now)


def _sent(lake: Lake) -> dict[str, int]:
    try:
        return msgspec.json.decode((reports_folder(lake) / "sent.json").read_bytes(), type=dict[str, int])
    except FileNotFoundError:
        return {}


def _remember(lake: Lake, sent: dict[str, int]) -> None:
    reports_folder(lake).mkdir(exist_ok=True)
    write_whole(reports_folder(lake) / "sent.json", msgspec.json.encode(sent))
