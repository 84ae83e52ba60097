"""``tidegauge lake compact``: the upkeep of a lake, at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Unpack

import click
import msgspec

from tidegauge.cli.keep_options import KeepWords, keep_options, retention_of
from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_rows
from tidegauge.store.byte_text import text_from_bytes
from tidegauge.store.lake import Lake
from tidegauge.store.upkeep import Step, keep_up

FAILED = 4
_ONE = {"hour": "an hour", "day": "a day"}
_TYPES = {
    "what": "text",
    "table": "text",
    "level": "text",
    "files": "uint64",
    "rows": "uint64",
    "bytes": "uint64",
    "bytes_after": "uint64",
    "cpu_seconds": "float64",
    "note": "text",
}


@click.command("compact")
@click.option(
    "--all",
    "present",
    is_flag=True,
    help="Join files of hours and days that are not over as well; what comes later is joined again.",
)
@keep_options
@lake_option
@output_options
def compact_command(
    lake: Path, format_name: str | None, *, present: bool, envelope: bool, **words: Unpack[KeepWords]
) -> None:
    """Join small files now, and remove what is too old, as a collector does by and by.

    Each period that is over becomes one file of at most 1 GB: first hours, then days. What killed collectors
    left is taken over, and files that nobody needs any more are deleted; those that were just replaced wait
    five minutes. It may be interrupted at any time, and collectors on the same lake go on meanwhile.

    Without --keep, --keep-bytes and --keep-ledger the lake keeps what its last collector was told to keep.
    With one of them it keeps just that from now on, until a collector starts that is told otherwise.

    \b
    tidegauge lake compact
    tidegauge lake compact --keep 90d --keep-bytes 200GB
    """
    opened = Lake.open(lake)
    if any(value is not None for value in words.values()):
        opened.retention = retention_of(words)
    began, used = time.monotonic(), time.process_time()
    done: list[Step] = []
    for step in keep_up(opened, time.time_ns(), present=present, wait=_Patience()):
        click.echo(_sentence(step), err=True)
        done.append(step)
    rows = [msgspec.to_builtins(step._asdict()) for step in done]
    write_rows(rows, _TYPES, format_name, envelope=envelope)
    click.echo(_summary(done, time.monotonic() - began, time.process_time() - used), err=True)
    if any(step.what == "failed" for step in done):
        click.get_current_context().exit(FAILED)


class _Patience:
    """Waits for the collector's own merge, and says so once."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, seconds: float) -> None:
        if not self._is_told:
            click.echo("a collector joins files of this lake; waiting until it is done", err=True)
            self._is_told = True
        time.sleep(seconds)


def _sentence(step: Step) -> str:
    size: Any = text_from_bytes(step.bytes)
    match step.what:
        case "merged":
            return (
                f"{step.files} {step.table} files became one of {_ONE[step.level]}: {step.rows:,} rows,"
                f" {size} before and {text_from_bytes(step.bytes_after)} after"
            )
        case "rolled":
            after = text_from_bytes(step.bytes_after)
            return f"{step.rows:,} flows of a file, {size}, were summed up beside it, in {after}"
        case "removed":
            return f"{step.files} files were removed because they are too old or too much: {size}"
        case "deleted":
            return f"{step.files} replaced files were deleted"
        case _:
            return f"{step.files} {step.table} files were left as they are: {step.note}"


def _summary(done: list[Step], seconds: float, cpu_seconds: float) -> str:
    merged = [step for step in done if step.what == "merged"]
    if not merged:
        return "nothing is left to join"
    size, rows = sum(step.bytes for step in merged), sum(step.rows for step in merged)
    return (
        f"joined {sum(step.files for step in merged)} files into {len(merged)}: {rows:,} rows,"
        f" {text_from_bytes(size)} in {seconds:.1f} s ({text_from_bytes(int(size / max(seconds, 1e-9)))}/s),"
        f" {cpu_seconds:.1f} s of CPU"
    )
