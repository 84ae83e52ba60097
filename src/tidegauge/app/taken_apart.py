"""Messages taken apart: header, sets, templates and records as they stood on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def taken_apart(lines: Iterable[bytes], *, with_raw: bool) -> Iterator[dict[str, Any]]:
    """Yield one dict for each message of what a decoder took apart, without the bytes of values unless asked.

    What could not be read keeps its bytes: nothing else tells of it.
    """
    decoder = msgspec.json.Decoder()
    for block in lines:
        for message in decoder.decode_lines(block):
            if not with_raw:
                for element in _elements(message):
                    # A value that cannot be said is its bytes.
                    if element["value"] is not None:
                        del element["raw"]
            yield message


def _elements(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for sample in message.get("samples", ()):
        for structure in (sample, *sample.get("structures", ())):
            yield from structure.get("fields", ())
    parts = (message, *message.get("sets", ()), *message.get("unparked", ()))
    for part in parts:
        for record in part.get("records", ()):
            yield from record["elements"]
