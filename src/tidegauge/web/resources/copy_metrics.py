"""What ``/metrics`` says of datagrams that are kept as they came, and of those sent on to others."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tidegauge.web.prometheus import family

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegauge.store.copy_record import CopyFate, CopyRecord
    from tidegauge.store.raw_folder import RawFile

_LOSSES = {"queue": "lost_queue", "disk": "lost_room", "refused": "lost_failed"}


def copy_lines(records: Sequence[CopyRecord], files: Sequence[RawFile]) -> Iterator[str]:
    """The families; none of what nobody ordered."""
    kept = [(record.listener, fate) for record in records for fate in record.copies if fate.folder]
    sent = [(record.listener, fate) for record in records for fate in record.copies if fate.target]
    if files:
        yield from family(
            "raw_bytes",
            "gauge",
            "Bytes of files with datagrams as they came.",
            (
                ({"folder": listener}, sum(file.bytes for file in found))
                for listener, found in groupby(files, key=lambda file: file.listener)
            ),
        )
    if kept:
        yield from family(
            "raw_datagrams_total",
            "counter",
            "Datagrams kept as they came.",
            (({"listener": listener}, fate.datagrams) for listener, fate in kept),
        )
        yield from family(
            "raw_lost_datagrams_total",
            "counter",
            "Datagrams that were to be kept and are not.",
            (
                ({"listener": listener, "reason": reason}, getattr(fate, name))
                for listener, fate in kept
                for reason, name in _LOSSES.items()
            ),
        )
    if sent:
        yield from _forwarded(sent)


def _forwarded(sent: Sequence[tuple[str, CopyFate]]) -> Iterator[str]:
    labelled = [({"listener": listener, "target": fate.target}, fate) for listener, fate in sent]
    yield from family(
        "forwarded_datagrams_total",
        "counter",
        "Datagrams sent on to another collector.",
        ((labels, fate.datagrams) for labels, fate in labelled),
    )
    yield from family(
        "forwarded_from_own_total",
        "counter",
        "Of them, those that bear our own address.",
        ((labels, fate.from_own) for labels, fate in labelled),
    )
    yield from family(
        "forward_lost_datagrams_total",
        "counter",
        "Datagrams that were to be sent on and were not.",
        (
            (labels | {"reason": reason}, getattr(fate, name))
            for labels, fate in labelled
            for reason, name in _LOSSES.items()
            if name != "lost_room"
        ),
    )
