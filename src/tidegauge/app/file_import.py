"""Importing: what capture files hold, into the lake, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegauge.app.answer_keeping import AnswerKeeping
from tidegauge.app.counter_keeping import CounterKeeping
from tidegauge.receiving.capture import CaptureReader, Selection
from tidegauge.store.load import Load
from tidegauge.store.recovery import recover
from tidegauge.store.writer import new_writer_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tidegauge.exporters.element_file import ToldElement
    from tidegauge.store.lake import Lake


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import, and how: see ``tidegauge import --help``."""

    paths: Sequence[Path]
    exporter: str
    is_one_session: bool
    ends_now: bool
    elements: Sequence[ToldElement] = ()
    selection: Selection = field(default_factory=Selection)
    settings: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """Datagrams recognised in each file, and the counters of all."""

    datagrams: Mapping[Path, int]
    counters: Mapping[str, int]


def import_files(lake: Lake, order: ImportOrder, now: int) -> ImportSummary:
    """Bring files into the lake in one commit.

    With ``ends_now`` the files are read twice: only their end tells how far all arrivals have to move.
    Nothing is committed when nothing was recognised. Raises OSError for a file that cannot be read and
    NoSpaceError for a disk that is too full.
    """
    writer_id = new_writer_id("import")
    reader = CaptureReader(
        order.paths,
        exporter=order.exporter,
        one_session=order.is_one_session,
        writer_id=writer_id,
        elements=order.elements,
        selection=order.selection,
        settings=order.settings,
    )
    last = reader.last_arrival() if order.ends_now else None
    recover(lake, now)
    shift = 0 if last is None else now - last
    answers, counters = AnswerKeeping(lake, shift), CounterKeeping(lake)
    with Load(lake, writer_id) as load:
        for batches in reader.batches(shift=shift):
            load.append(batches)
            answers.keep(batches)
            counters.keep(batches)
        if any(reader.datagrams.values()):
            load.commit(now)
            counters.finish()
    return ImportSummary(reader.datagrams, reader.counters)
