"""What sources say of the files in tests/data/names, as short rows that read well."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.flow.addresses import address_from_text, text_from_address
from tidegauge.flow.binding import Binding
from tidegauge.names.source import Provenance, Source

DATA = Path(__file__).parents[1] / "data/names"
WRITTEN = instant_from_text("2026-11-23T19:00Z")


class Told(NamedTuple):
    """A binding: times as hours, minutes and seconds of the day; ``until`` is None for an open end."""

    kind: str
    address: str
    name: str
    since: str
    until: str | None
    client: str | None = None


def told(bindings: Iterable[Binding]) -> list[Told]:
    return [
        Told(
            binding.kind.value,
            text_from_address(binding.address),
            binding.name,
            clock(binding.since),
            None if binding.until is None else clock(binding.until),
            None if binding.client is None else text_from_address(binding.client),
        )
        for binding in bindings
    ]


def clock(instant: int) -> str:
    return text_from_instant(instant)[11:19]


def read(source: Source, content: bytes, written: int = WRITTEN) -> tuple[list[Binding], Counter[str]]:
    provenance = Provenance(written)
    return list(source.bindings(io.BytesIO(content), provenance)), provenance.refused


def packed(text: str) -> bytes:
    return address_from_text(text).to_bytes(16, "big")
