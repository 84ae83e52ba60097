"""The manifest: what a lake consists of, written whole at each commit and numbered by generation."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from tidegauge.store.durable import write_whole
from tidegauge.store.lock import FileLock
from tidegauge.store.segment import Segment

_NAME = re.compile(r"^(\d{12})\.json$")


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """What one commit took out of sight: files to delete once no reader holds an older generation.

    ``tails`` says up to which set number a writer's tail went; ``segments`` are paths inside the lake.
    """

    generation: int
    segments: tuple[str, ...] = ()
    tails: dict[str, int] = {}


class Retention(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long a lake keeps what, in nanoseconds since its arrival, and how many bytes; None is for ever.

    ``flows`` is the age of flows, ``rollups`` that of their sums, which outlive them, ``ledger`` that of the
    ledger and of what exporters told of themselves.
    """

    flows: int | None = None
    rollups: int | None = None
    ledger: int | None = None
    bytes: int | None = None

    def age_of(self, kind: str | None) -> int | None:
        """The age at which rows of a kind go; None where they stay."""
        return {"flows": self.flows, "rollups": self.rollups, "ledger": self.ledger}.get(kind or "")


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """What retention took from one table so far; all of it arrived ``before`` an instant."""

    rows: int = 0
    bytes: int = 0
    before: int = 0


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A damaged segment that was put aside, and what is wrong with it: no question reads it any more."""

    segment: Segment
    why: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One generation of the lake, complete in itself. ``written`` is nanoseconds since 1970.

    ``retention`` is what the lake was last told to keep, ``removed`` what is gone because of it, by table.
    ``history`` are segments of flows that are gone, whose rollups are there.
    """

    generation: int = 0
    written: int = 0
    segments: tuple[Segment, ...] = ()
    absorbed: dict[str, int] = {}
    retired: tuple[Retired, ...] = ()
    retention: Retention = Retention()
    removed: dict[str, Removed] = {}
    aside: tuple[Aside, ...] = ()
    history: tuple[Segment, ...] = ()


class _Written(msgspec.Struct):
    """The one field of a manifest that the sweep asks for; decoding the rest would cost more."""

    written: int


def generation_path(folder: Path, generation: int) -> Path:
    """Path of one generation's manifest."""
    return folder / f"{generation:012d}.json"


def generations(folder: Path) -> list[int]:
    """Numbers of the manifests on disk, oldest first."""
    return sorted(int(match[1]) for path in folder.iterdir() if (match := _NAME.match(path.name)))


def read_newest(folder: Path) -> tuple[Manifest, FileLock]:
    """Read the newest manifest and hold it: no file it names is deleted before the lock is released."""
    while True:
        numbers = generations(folder)
        if not numbers:
            raise FileNotFoundError(folder)
        lease = FileLock.shared_at_once(generation_path(folder, numbers[-1]))
        # None, or a name gone: the sweep was at it, so a newer generation exists by now.
        if lease is not None and lease.is_linked:
            return msgspec.json.decode(lease.read(), type=Manifest), lease


def read_written(path: Path) -> int:
    """When a generation was committed, in nanoseconds since 1970."""
    return msgspec.json.decode(path.read_bytes(), type=_Written).written


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a generation the newest; whole or not at all."""
    write_whole(generation_path(folder, manifest.generation), msgspec.json.encode(manifest))
