"""Replaying: datagrams of captures, or those that a lake kept, sent again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge._core import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.receiving.capture import Selection
    from tidegauge.receiving.forward_target import ForwardTarget

STEP_SECONDS = 0.25
"""So long it takes at most until an interruption is heeded."""


@dataclass(frozen=True, slots=True)
class ReplayOrder:
    """What to send to whom: see ``tidegauge replay --help``.

    ``recordings`` are the files of each listener; ``speed`` is None for as fast as can be.
    """

    recordings: Sequence[Sequence[Path]]
    target: ForwardTarget
    selection: Selection
    speed: float | None = 1.0
    keeps_source: bool = True


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """How far it is. ``first`` and ``last`` are arrivals of datagrams that were sent.

    ``from_own`` of them went from our own address; ``failed`` ones did not go, the last for ``error``.
    """

    datagrams: int
    bytes: int
    from_own: int
    failed: int
    error: str | None
    first: int | None
    last: int | None


def replay(order: ReplayOrder) -> Iterator[ReplayProgress]:
    """Send, and tell of it a few times a second and at the end; who stops asking stops it.

    Raises OSError for a file that cannot be read or is no capture, and for a name that is not known.
    """
    native = Replay(
        order.recordings,
        order.target.host,
        order.target.port,
        speed=order.speed,
        keeps_source=order.keeps_source,
        **order.selection._asdict(),
    )
    is_over = False
    while not is_over:
        told = native.advance(STEP_SECONDS)
        is_over = bool(told["is_over"])
        yield ReplayProgress(
            datagrams=told["datagrams"] or 0,
            bytes=told["bytes"] or 0,
            from_own=told["from_own"] or 0,
            failed=told["lost_failed"] or 0,
            error=None if told["error"] is None else os.strerror(told["error"]),
            first=told["first"],
            last=told["last"],
        )
