"""What became of copies of datagrams: a file for each listener that others can read while it runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.store.durable import PARTIAL
from tidegauge.store.raw_folder import RAW, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.store.lake import Lake

SCHEMA = 1
PATIENCE = 60 * 10**9
"""A record is renewed every ten seconds. Whose is older than this does not run."""


class CopyFate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one listener's copies: kept in ``folder``, or sent on to ``target``.

    ``bytes`` are of payload, ``file_bytes`` those of the files. Datagrams are lost where copies are not taken
    as fast as they come (``lost_queue``), for lack of disk (``lost_room``), or because the system did not
    take them (``lost_failed``, the last time for ``error``). ``from_own`` counts those sent from our own
    address.
    """

    folder: str = ""
    target: str = ""
    datagrams: int = 0
    bytes: int = 0
    file_bytes: int = 0
    lost_queue: int = 0
    lost_room: int = 0
    lost_failed: int = 0
    from_own: int = 0
    keeps_source: bool | None = None
    error: str | None = None

    @classmethod
    def of(cls, row: dict[str, int | str | None]) -> CopyFate:
        """What a native listener tells."""
        error, keeps_source = row["error"], row.get("keeps_source")
        words: dict[str, object] = {
            "error": os.strerror(error) if isinstance(error, int) else None,
            "keeps_source": None if keeps_source is None else bool(keeps_source),
        }
        return msgspec.convert(row | words, cls)

    @property
    def lost(self) -> int:
        """Datagrams that are not there."""
        return self.lost_queue + self.lost_room + self.lost_failed


class CopyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file. ``schema`` grows when a name changes its meaning or goes."""

    schema: int = SCHEMA
    written: str
    listener: str
    copies: list[CopyFate]

    def is_running_at(self, now: int) -> bool:
        """Whether who wrote it still does."""
        return now - instant_from_text(self.written) <= PATIENCE


def write_record(lake: Lake, listener: str, copies: list[CopyFate], now: int) -> None:
    """Write down what became of a listener's copies. Raises OSError."""
    record = CopyRecord(written=text_from_instant(now), listener=listener, copies=copies)
    folder = lake.path / RAW
    folder.mkdir(exist_ok=True)
    name = folder_of(listener)
    # Lost in a power cut it would be written again; what every ten seconds goes to the disk wears it.
    partial = folder / f".{name}.json{PARTIAL}"
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    partial.replace(folder / f"{name}.json")


def read_records(lake: Lake) -> Iterator[CopyRecord]:
    """The records of all listeners that ever copied, without what this release cannot read."""
    for path in sorted((lake.path / RAW).glob("*.json")):
        try:
            record = msgspec.json.decode(path.read_bytes(), type=CopyRecord)
            _ = instant_from_text(record.written)
        except (OSError, ValueError):
            continue
        if record.schema == SCHEMA:
            yield record
