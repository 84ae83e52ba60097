"""Decoding kept datagrams again, into a lake of their own.

Rows that are in a lake already stay what they are: a flow is never there twice, since what is decoded anew
is somewhere else. Who likes it better points their questions there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.app.file_import import ImportOrder, import_files
from tidegauge.receiving.capture import Selection
from tidegauge.receiving.decoding_settings import DAY, DecodingSettings
from tidegauge.store.errors import LakeError
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import recordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.app.file_import import ImportSummary
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.exporters.element_file import ToldElement

PATIENT = DecodingSettings(parked_memory=1024, parked_memory_each=1024, parked_age=3650 * DAY)
"""Nothing is live here, so data may wait for its template for as long as the range is."""


@dataclass(frozen=True, slots=True)
class Redecoding:
    """What to decode again: what arrived in a time, with the elements as somebody told them."""

    source: Lake
    wanted: TimeRange
    elements: Sequence[ToldElement] = ()


def decode_again(order: Redecoding, into: Path, now: int) -> Iterator[tuple[str, ImportSummary]]:
    """Decode what each listener received as a session of its own, and tell what came of it.

    The lake ``into`` must not be there yet. Raises LakeError where it is, and where nothing was kept.
    """
    found = recordings(order.source, order.wanted)
    if not found:
        raise LakeError(
            f"no datagrams of that time are kept in {order.source.path}; tidegauge raw list shows of when"
            " there are some, and collect --keep-raw keeps them"
        )
    if into.exists():
        raise LakeError(
            f"{into} is there already; name a new folder, so that no flow comes to be in a lake twice"
        )
    lake = Lake.create(into)
    selection = Selection(order.wanted.since, order.wanted.until, takes_unknown=True)
    for listener, paths in found.items():
        transport = listener.partition("-")[0]
        again = ImportOrder(
            paths,
            "::",
            is_one_session=True,
            ends_now=False,
            elements=order.elements,
            selection=selection,
            settings=PATIENT.words(transport),
        )
        yield listener, import_files(lake, again, now)
