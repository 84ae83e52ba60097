"""``lake status``: what a lake holds, who writes to it, and what goes from it next."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.clock.duration_text import text_from_duration
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.statement import Column
from tidegauge.store.byte_text import text_from_bytes
from tidegauge.store.copy_record import read_records
from tidegauge.store.holdings import (
    beside_held,
    replaced_held,
    segments_held,
    sums_held,
    tail_rows,
    tails_held,
)
from tidegauge.store.lake import FORMAT
from tidegauge.store.manifest import Retention
from tidegauge.store.raw_folder import folder_of, raw_files
from tidegauge.store.retention import expired, next_removal
from tidegauge.store.sweep import GRACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.store.copy_record import CopyFate
    from tidegauge.store.holdings import Holding
    from tidegauge.store.lake import Lake
    from tidegauge.store.manifest import Manifest

COLUMNS = (
    Column("part", "text"),
    Column("table", "text"),
    Column("level", "text"),
    Column("files", "uint64"),
    Column("rows", "uint64"),
    Column("bytes", "uint64", "bytes"),
    Column("bytes_per_row", "float64"),
    Column("oldest", "instant"),
    Column("newest", "instant"),
    Column("note", "text"),
)


def lake_status(lake: Lake, now: int) -> Answer:
    """A row for each part of the lake; ``totals`` are the numbers of the lake as a whole.

    ``part`` is ``segments``, ``history`` (sums whose flows are gone), ``tail`` (the level names its writer),
    ``damaged``, ``replaced``, ``removed``, ``beside`` (what is known beside the tables), ``raw`` (datagrams
    as they came; the level names their listener) or ``lake``.
    """
    with lake.generation() as generation:
        manifest = lake.manifest()
        rows_of_tails = tail_rows(generation)
        damaged = generation.every_fault()
    retention = manifest.retention if lake.retention is None else lake.retention
    data = [_held("segments", holding) for holding in segments_held(manifest)]
    for part, segments, note in (
        ("segments", manifest.segments, _SUMS),
        ("history", manifest.history, _PAST),
    ):
        if holding := sums_held(segments):
            data.append(_held(part, holding, note))
    data += [
        _row(
            part="tail",
            table="flows",
            level=tail.writer_id,
            files=tail.files,
            rows=rows_of_tails.get(tail.writer_id, 0),
            bytes=tail.bytes,
            note="its writer is alive" if tail.is_alive else _KILLED,
        )
        for tail in tails_held(lake, manifest)
    ]
    data += [
        _row(
            part="damaged",
            table=each.segment.table,
            level=each.segment.level,
            files=1,
            rows=each.segment.rows,
            bytes=each.segment.bytes,
            note=f"{each.segment.path} {each.why}",
        )
        for each in damaged
    ]
    replaced = replaced_held(lake, manifest)
    if replaced.files:
        data.append(_held("replaced", replaced, _REPLACED))
    data += [_removed(table, manifest) for table in manifest.removed]
    data += [_held("beside", holding, "kept for ever") for holding in beside_held(lake)]
    data += _raw(lake, now)
    totals = _totals(lake, manifest, retention, data, now)
    data.append(_row(part="lake", files=totals["files"], bytes=totals["bytes"], note=_note(totals)))
    return Answer(data=data, columns=described(COLUMNS), totals=totals, warnings=list(_warnings(lake, data)))


_KILLED = "left by a killed writer; the next collector, or tidegauge lake compact, takes it over"
_SUMS = "sums of the flows, by hour and field; the rows are the flows they tell of"
_PAST = "sums of flows that retention removed: all that is left of that time"
_REPLACED = f"deleted {text_from_duration(GRACE)} after they were replaced, by the upkeep of a collector"


def _row(**known: object) -> dict[str, Any]:
    row = {column.name: known.get(column.name) for column in COLUMNS}
    if known.get("rows") and known.get("bytes"):
        row["bytes_per_row"] = round(int(str(known["bytes"])) / int(str(known["rows"])), 2)
    return row


def _held(part: str, holding: Holding, note: str | None = None) -> dict[str, Any]:
    return _row(
        part=part,
        table=holding.table or None,
        level=holding.level or None,
        files=holding.files,
        rows=holding.rows,
        bytes=holding.bytes,
        oldest=_text(holding.oldest),
        newest=_text(holding.newest),
        note=note,
    )


def _raw(lake: Lake, now: int) -> Iterator[dict[str, Any]]:
    """Kept datagrams by listener, and what was to be copied and was not."""
    kept = {
        listener: list(files) for listener, files in groupby(raw_files(lake), key=lambda each: each.listener)
    }
    told: dict[str, list[str]] = defaultdict(list)
    for record in read_records(lake):
        for fate in record.copies if record.is_running_at(now) else ():
            told[folder_of(record.listener)].append(_copied(fate))
    for listener in sorted({*kept, *told}):
        files = kept.get(listener, [])
        yield _row(
            part="raw",
            level=listener,
            files=len(files),
            bytes=sum(each.bytes for each in files),
            oldest=_text(files[0].begin if files else None),
            newest=_text(files[-1].end if files else None),
            note="; ".join(told[listener]) or "nobody keeps more by now",
        )


def _copied(fate: CopyFate) -> str:
    what = f"forwarded to {fate.target}" if fate.target else "kept"
    lost = f", {fate.lost:,} lost" if fate.lost else ""
    own = ", from our own address" if fate.keeps_source is False else ""
    return f"{fate.datagrams:,} datagrams {what}{own}{lost} since the start"


def _removed(table: str, manifest: Manifest) -> dict[str, Any]:
    removed = manifest.removed[table]
    note = f"by retention; all of it arrived before {text_from_instant(removed.before)}"
    return _row(part="removed", table=table, rows=removed.rows, bytes=removed.bytes, note=note)


def _totals(
    lake: Lake, manifest: Manifest, retention: Retention, data: list[dict[str, Any]], now: int
) -> dict[str, Any]:
    due = expired(manifest.segments, retention, now, manifest.history)
    coming = next_removal(manifest.segments, retention)
    there = [row for row in data if row["part"] != "removed"]
    return {
        "format": FORMAT,
        "generation": manifest.generation,
        "files": sum(row["files"] or 0 for row in there),
        "bytes": sum(row["bytes"] or 0 for row in there),
        "free_bytes": lake.space.free_bytes(),
        "reserve_bytes": lake.space.reserve_bytes,
        "keep": None if retention.flows is None else text_from_duration(retention.flows),
        "keep_bytes": retention.bytes,
        "keep_rollups": None if retention.rollups is None else text_from_duration(retention.rollups),
        "keep_ledger": None if retention.ledger is None else text_from_duration(retention.ledger),
        "due_rows": sum(segment.rows for segment in due),
        "due_bytes": sum(segment.bytes for segment in due),
        "next_removal": None if coming is None else text_from_instant(coming.at),
        "next_removal_rows": 0 if coming is None else sum(segment.rows for segment in coming.segments),
        "next_removal_bytes": 0 if coming is None else sum(segment.bytes for segment in coming.segments),
    }


def _note(totals: dict[str, Any]) -> str:
    parts = [
        f"format {totals['format']}, generation {totals['generation']}",
        f"{text_from_bytes(totals['free_bytes'])} free",
    ]
    kept = [f"--keep {totals['keep']}"] if totals["keep"] else []
    if totals["keep_bytes"] is not None:
        kept.append(f"--keep-bytes {text_from_bytes(totals['keep_bytes'])}")
    kept += [f"--keep-rollups {totals['keep_rollups']}"] if totals["keep_rollups"] else []
    kept += [f"--keep-ledger {totals['keep_ledger']}"] if totals["keep_ledger"] else []
    parts.append(" ".join(kept) if kept else "everything is kept")
    if totals["due_bytes"]:
        parts.append(f"{totals['due_rows']:,} rows go with the next upkeep")
    if totals["next_removal"] and totals["next_removal_bytes"]:
        parts.append(f"{totals['next_removal_rows']:,} rows go at {totals['next_removal'][:19]}Z")
    return "; ".join(parts)


def _warnings(lake: Lake, data: list[dict[str, Any]]) -> Iterator[str]:
    if not lake.space.has_room():
        yield (
            f"the disk has {text_from_bytes(lake.space.free_bytes())} free, so new flows are refused and"
            " counted as lost; free some space, or have old flows removed with tidegauge lake compact --keep"
        )
    if damaged := sum(row["part"] == "damaged" for row in data):
        yield f"{damaged} damaged files are left out of every answer; tidegauge lake verify tells what to do"


def _text(instant: int | None) -> str | None:
    return None if instant is None else text_from_instant(instant)
