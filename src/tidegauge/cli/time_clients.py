"""``tidegauge time clients``: who asks our NTP server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import arranged, described
from tidegauge.cli.options import lake_option, output_options, row_options
from tidegauge.cli.output import write_answer
from tidegauge.ntp.service_record import STATE_FOLDER, read_record
from tidegauge.query.statement import Column

DEFAULT_LIMIT = 100

_COLUMNS = (
    Column("address", "address"),
    Column("state", "text"),
    Column("first_seen", "instant"),
    Column("last_seen", "instant"),
    Column("requests", "uint64"),
    Column("answered", "uint64"),
    Column("limited", "uint64"),
    Column("authenticated", "uint64"),
    Column("interleaved", "uint64"),
    Column("version", "uint8"),
    Column("poll_seconds", "float64", "seconds"),
    Column("interval_seconds", "float64", "seconds"),
    Column("offset_seconds", "float64", "seconds"),
)
_SHOWN = (
    "address", "state", "last_seen", "requests", "limited", "authenticated", "interval_seconds",
    "offset_seconds",
)  # fmt: skip


@click.command("clients")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that time serve keeps its record in.  [default: time/ of the lake, where run keeps it]",
)
@lake_option
@row_options
@output_options
def clients_command(
    state: Path | None, lake: Path, limit: int | None, order: str, format_name: str | None, *, envelope: bool
) -> None:
    """Show who asks our NTP server, how often, and who stopped; those heard of last come first.

    offset_seconds is the client's clock minus ours, less the time its request took. Most clients hide their
    clock, so it is mostly unknown.

    \b
    tidegauge time serve --listen udp://0.0.0.0:123 --state /var/lib/tidegauge/time
    tidegauge time clients --state /var/lib/tidegauge/time --order offset_seconds
    """
    record = read_record(state or lake / STATE_FOLDER)
    now = time.time_ns()
    rows: list[dict[str, Any]] = [
        {**msgspec.structs.asdict(asker), "state": asker.state_at(now)} for asker in record.clients
    ]
    warnings = []
    if forgotten := record.counters.get("clients_forgotten"):
        warnings.append(f"{forgotten} addresses were forgotten to make room for others")
    kept = DEFAULT_LIMIT if limit is None else limit
    data = arranged([{name.name: row[name.name] for name in _COLUMNS} for row in rows], _COLUMNS, order, kept)
    write_answer(
        Answer(data=data, columns=described(_COLUMNS), warnings=warnings),
        format_name,
        envelope=envelope,
        columns=_SHOWN,
    )
