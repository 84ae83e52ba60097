"""``tidegauge report``: saved questions, answered for a period, to read, print or mail."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from tidegauge.analysis.reports.answering import AnsweredReport, answered
from tidegauge.analysis.reports.report import ReportError, report_named, report_names, reports_folder
from tidegauge.analysis.reports.written import FORMATS
from tidegauge.app.delivery import send_due, send_report
from tidegauge.app.mail import DeliveryError
from tidegauge.cli.options import lake_option
from tidegauge.clock.period import PERIODS
from tidegauge.store.lake import Lake


@click.command("report")
@click.argument("name", required=False)
@lake_option
@click.option("--period", type=click.Choice(PERIODS), help="What it is about.  [default: as the report says]")
@click.option("--time-zone", help="Zone of its days.  [default: as the report says]")
@click.option("--mask-users", is_flag=True, help="Numbers in place of names of people and machines.")
@click.option(
    "--format", "format_name", type=click.Choice(list(FORMATS)), help="[default: by --output, else html]"
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write, instead of stdout."
)
@click.option("--mail", "to", multiple=True, metavar="ADDRESS", help="Mail it, by mail.toml of the lake.")
@click.option("--due", is_flag=True, help="Mail every report whose schedule says it is time, then end.")
def command(
    name: str | None,
    lake: Path,
    period: str | None,
    time_zone: str | None,
    format_name: str | None,
    output: Path | None,
    to: tuple[str, ...],
    *,
    mask_users: bool,
    due: bool,
) -> None:
    """Make the report NAME; without a name, list those there are.

    A report is a TOML file of saved questions: ours, or your own in the lake's folder `reports`.

    \b
    tidegauge report weekly --output weekly.html
    tidegauge report billing --period 'last month' --format csv
    tidegauge report weekly --mail boss@example.com
    """
    opened = Lake.open(lake)
    try:
        if due:
            for sent in send_due(opened, time.time_ns()):
                click.echo(f"sent {sent}", err=True)
        elif name is None:
            for known in report_names(reports_folder(opened)):
                click.echo(f"{known}\t{report_named(known, reports_folder(opened)).title}")
        elif to:
            send_report(opened, name, to, time.time_ns())
        else:
            asked = report_named(name, reports_folder(opened)).varied(
                period=period, time_zone=time_zone, mask_users=mask_users
            )
            now = time.time_ns()
            _write(opened.around_damage(lambda: answered(opened, name, asked, now)), format_name, output)
    except DeliveryError as error:
        raise OSError(str(error)) from None  # nobody there: ends as for anything else that cannot be reached
    except ReportError as error:
        raise click.UsageError(str(error)) from None


def _write(found: AnsweredReport, format_name: str | None, output: Path | None) -> None:
    suffix = output.suffix.removeprefix(".") if output else ""
    content = FORMATS[format_name or (suffix if suffix in FORMATS else "html")].write(found)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    output.write_bytes(content)
    click.echo(f"wrote {output}", err=True)
