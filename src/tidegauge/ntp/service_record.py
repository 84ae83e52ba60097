"""What an NTP server did, as a file that other programs can read while it runs."""

from __future__ import annotations

import msgspec

from tidegauge.ntp.askers import Asker

SCHEMA = 1


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file.

    ``schema`` grows when a name changes its meaning or goes; names may be added without.
    """

    schema: int = SCHEMA
    written: str
    listening: str
    counters: dict[str, int]
    clients: list[Asker]

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
