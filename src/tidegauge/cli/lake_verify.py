"""``tidegauge lake verify``: whether a lake is sound."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import msgspec

from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_rows
from tidegauge.store.byte_text import text_from_bytes
from tidegauge.store.lake import Lake
from tidegauge.store.segment import TAIL
from tidegauge.store.verification import (
    SET_ASIDE,
    Finding,
    set_aside,
    set_rollups_aside,
    take_back,
    verify_folder,
    verify_ledger,
    verify_segments,
)

UNSOUND = 4
_TYPES = {"path": "text", "table": "text", "rows": "uint64", "problem": "text", "remedy": "text"}
_PROGRESS_SECONDS = 5.0


@click.command("verify")
@click.option("--quick", is_flag=True, help="Look at sizes and footers only, and read no rows.")
@click.option(
    "--set-aside",
    "is_set_aside",
    is_flag=True,
    help="Let questions go on without the damaged files; the files stay where they are.",
)
@click.option(
    "--take-back",
    "is_taken_back",
    is_flag=True,
    help="Show what was set aside again, where it is sound by now.",
)
@lake_option
@output_options
def verify_command(
    lake: Path,
    format_name: str | None,
    *,
    quick: bool,
    is_set_aside: bool,
    is_taken_back: bool,
    envelope: bool,
) -> None:
    """Read everything the lake holds, and print a row for each thing that is wrong, with what to do about it.

    Each file must be there, be as long as it was written, have the checksum it was written with and the rows
    that its manifest counts; every value of it is decoded, and what statistics say of times must be true of
    them. No file may lie among the
    segments that belongs to nobody, and the ledger must count as many flows as there are.
    Exit code 0 means sound, 4 not. It may run beside a collector.

    \b
    tidegauge lake verify
    tidegauge lake verify --set-aside
    """
    opened, now = Lake.open(lake), time.time_ns()
    if is_taken_back and (count := take_back(opened, now)):
        click.echo(f"{count} files are sound again, and read again", err=True)
    found = _findings(opened, quick=quick)
    write_rows(
        [msgspec.to_builtins(finding._asdict()) for finding in found], _TYPES, format_name, envelope=envelope
    )
    if is_set_aside:
        damaged = [finding for finding in found if finding.remedy == SET_ASIDE]
        count = set_aside(opened, damaged, now)
        rows = sum(finding.rows for finding in damaged)
        click.echo(f"set aside {count} files with {rows:,} rows; answers say that they are missing", err=True)
        if count := set_rollups_aside(opened, found):
            click.echo(
                f"{count} damaged rollups are out of the way and made anew; nothing is missing", err=True
            )
    if found:
        click.get_current_context().exit(UNSOUND)


def _findings(lake: Lake, *, quick: bool) -> list[Finding]:
    began, told, files, size, unsummed = time.monotonic(), time.monotonic(), 0, 0, 0
    found = []
    with lake.generation() as generation:
        total = sum(1 for _ in generation.all_segments())
        for segment, finding in verify_segments(lake, generation, quick=quick):
            files, size = files + 1, size + segment.bytes
            unsummed += segment.level != TAIL and segment.checksum is None
            if finding:
                found.append(finding)
            if time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                click.echo(f"{files} of {total} files, {text_from_bytes(size)}", err=True)
        if not found:
            found += verify_ledger(generation, lake.manifest())
    found += verify_folder(lake)
    verdict = f"{len(found)} problems" if found else "sound"
    click.echo(
        f"{verdict}: {files} files, {text_from_bytes(size)} in {time.monotonic() - began:.1f} s", err=True
    )
    if unsummed and not quick:
        click.echo(
            f"{unsummed} files of an older release have no checksum; joining them gives them one", err=True
        )
    sys.stderr.flush()
    return found
