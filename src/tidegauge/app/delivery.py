"""Delivery: reports sent when they are due, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reports.answering import answered
from tidegauge.analysis.reports.report import ReportError, report_named, report_names
from tidegauge.analysis.reports.schedule import last_due
from tidegauge.app.mail import hand_in, message_from_report, post_from_file
from tidegauge.store.durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
        report = report_named(name, reports_folder(lake))
        if report.schedule is None:
            continue
        due = last_due(report.schedule, report.time_zone, now)
        if sent.setdefault(name, now) >= due:
            continue
        try:
            send_report(lake, name, (), now)
        except ReportError as error:
            failures.append(str(error))
            continue
        sent[name] = now
        done.append(name)
    _remember(lake, sent)
    if failures:
        raise ReportError("; ".join(failures))
    return done


def reports_folder(lake: Lake) -> Path:
    """Where people put reports of their own."""
    return lake.path / "reports"


def _sent(lake: Lake) -> dict[str, int]:
    try:
        return msgspec.json.decode((reports_folder(lake) / "sent.json").read_bytes(), type=dict[str, int])
    except FileNotFoundError:
        return {}


def _remember(lake: Lake, sent: dict[str, int]) -> None:
    reports_folder(lake).mkdir(exist_ok=True)
    write_whole(reports_folder(lake) / "sent.json", msgspec.json.encode(sent))
