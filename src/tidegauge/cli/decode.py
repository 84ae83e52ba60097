"""``tidegauge decode``: show what flow exports hold, element by element or byte by byte."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tidegauge.app.element_watch import FILE_NAME, told_elements
from tidegauge.app.taken_apart import taken_apart
from tidegauge.app.verbatim import verbatim_records
from tidegauge.cli.import_files import UnrecognisedError, skipped_parts
from tidegauge.cli.options import elements_option
from tidegauge.cli.wire_text import wire_lines
from tidegauge.receiving.capture import CaptureReader
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.watched_port import WatchedPort
from tidegauge.store.place import default_lake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Records are merged by arrival within this many datagrams, and printed as soon as they are.
SLICE_DATAGRAMS = 1024
# A message taken apart is many times as long as it was.
WIRE_SLICE_DATAGRAMS = 16
FOREVER_SECONDS = 10 * 365 * 86_400.0


@click.command("decode")
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--wire",
    is_flag=True,
    help="Print messages and not records: header, sets, templates, records and what could not be read, each"
    " with its place in the message.",
)
@click.option("--raw", is_flag=True, help="With --wire: the bytes of each value too.")
@click.option(
    "--listen",
    metavar="udp://HOST:PORT",
    help="With --wire: take datagrams that arrive there instead of files.",
)
@click.option(
    "--count",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar="N",
    help="With --listen: end after so many datagrams.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="With --listen: end after so long.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["ndjson", "json", "text"]),
    help="One object a line, one list, or, with --wire, lines for people.  [default: ndjson; with --wire on a"
    " terminal text]",
)
@elements_option
def command(
    files: tuple[Path, ...],
    *,
    wire: bool,
    raw: bool,
    listen: str | None,
    count: int,
    seconds: float | None,
    format_name: str | None,
    elements_path: Path | None,
) -> None:
    """Decode FILEs and print every record with all its elements, known or not, in wire order.

    FILEs are captures (pcap, pcapng), datagrams one after another, or IPFIX files. Each is a session of its
    own. Nothing is stored.
    """
    if (listen or raw or format_name == "text") and not wire:
        raise click.UsageError("--listen, --raw and --format text show messages: they need --wire")
    if bool(files) == bool(listen):
        raise click.UsageError("name files to decode, or with --listen a place to take datagrams at")
    if format_name is None:
        format_name = "text" if wire and sys.stdout.isatty() else "ndjson"
    elements = told_elements(elements_path or default_lake() / FILE_NAME)
    if listen:
        with WatchedPort(_listen_address(listen), elements) as port:
            _watch(port, port.dissections(count, seconds or FOREVER_SECONDS), format_name, with_raw=raw)
        return
    reader = CaptureReader(
        files,
        verbatim=True,
        dissects=wire,
        elements=elements,
        slice_datagrams=WIRE_SLICE_DATAGRAMS if wire else SLICE_DATAGRAMS,
    )
    _write(taken_apart(reader.dissections(), with_raw=raw) if wire else verbatim_records(reader), format_name)
    if not any(reader.datagrams.values()):
        raise UnrecognisedError(f"no flow exports found in {', '.join(map(str, reader.datagrams))}")
    _report(reader.counters)


def _listen_address(text: str) -> ListenAddress:
    try:
        return ListenAddress.parse(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _watch(port: WatchedPort, lines: Iterable[bytes], format_name: str, *, with_raw: bool) -> None:
    click.echo(f"listening {port.address}", err=True)
    _write(taken_apart(lines, with_raw=with_raw), format_name, is_live=True)
    _report(port.counters())


def _write(found: Iterable[Mapping[str, Any]], format_name: str, *, is_live: bool = False) -> None:
    stream = sys.stdout.buffer
    before, separator, after = (b"[\n", b",\n", b"\n]\n") if format_name == "json" else (b"", b"", b"")
    stream.write(before)
    for number, each in enumerate(found):
        stream.write((separator if number else b"") + _TEXTS[format_name](each))
        if is_live:
            stream.flush()
    stream.write(after)
    stream.flush()


def _lines(message: Mapping[str, Any]) -> bytes:
    return "".join(f"{line}\n" for line in wire_lines(message)).encode()


def _line(each: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(each) + b"\n"


_TEXTS = {"text": _lines, "ndjson": _line, "json": msgspec.json.encode}


def _report(counters: Mapping[str, int]) -> None:
    if skipped := skipped_parts(counters):
        click.echo(f"skipped: {skipped}", err=True)
