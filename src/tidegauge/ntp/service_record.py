"""What an NTP server did, as a file that other programs can read while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.ntp.askers import Asker
from tidegauge.ntp.vouching import UNSYNCHRONISED_STRATUM

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1

STATE_FOLDER = "time"
"""The folder of a lake that the server beside its collector keeps its state in."""

RECORD_NAME = "time-server.json"
"""The record's name in the folder of a server's state."""


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file.

    ``schema`` grows when a name changes its meaning or goes; names may be added without. ``stratum`` and
    ``root_dispersion_seconds`` are our word on our clock, ``addresses`` are where clients can reach us.
    """

    schema: int = SCHEMA
    written: str
    listening: str
    counters: dict[str, int]
    clients: list[Asker]
    started: str | None = None
    stratum: int = UNSYNCHRONISED_STRATUM
    root_dispersion_seconds: float | None = None
    addresses: list[str] = []

    def to_json(self) -> bytes:
        """The file's bytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> ServiceRecord:
        """Read a file. Raises ValueError with a sentence when it is none of ours."""
        try:
            record = msgspec.json.decode(content, type=cls)
        except msgspec.DecodeError as error:
            raise ValueError(f"this is no record of an NTP server: {error}") from None
        if record.schema != SCHEMA:
            raise ValueError(f"the record has schema {record.schema}; this version reads {SCHEMA}")
        return record


def read_record(folder: Path) -> ServiceRecord:
    """What the server that keeps its record in this folder did. Raises OSError in words."""
    path = folder / RECORD_NAME
    try:
        return ServiceRecord.from_json(path.read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{folder} has no record of an NTP server; start one with time serve --state"
        ) from None
    except ValueError as error:
        raise OSError(f"{path}: {error}") from None
