"""Frame Streams: frames of bytes one after the other, in a file or over a connection.

A frame is its length and its bytes. A length of zero introduces a control frame: in a file only START and
STOP, over a connection also READY, ACCEPT and FINISH, by which both sides agree on the content first and part
in order at last (fstrm, https://farsightsec.github.io/fstrm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

_ACCEPT, _STOP, _READY, _FINISH = 1, 3, 4, 5
_CONTENT_TYPE_FIELD = 1
_LONGEST_FRAME = 2**18


def frames(
    stream: BinaryIO,
    content_type: bytes,
    refused: Counter[str],
    reply: Callable[[bytes], object] | None = None,
) -> Iterator[bytes]:
    """Yield the data frames; a stream that was cut off ends with what is whole.

    ``reply`` sends to whoever writes the stream, where it comes over a connection. A writer that offers
    something else than ``content_type`` is not accepted.
    """
    while len(head := stream.read(4)) == 4:  # noqa: PLR2004 (a length)
        length = int.from_bytes(head, "big")
        is_control = length == 0
        if is_control:
            length = int.from_bytes(stream.read(4), "big")
        if length > _LONGEST_FRAME:
            # What follows such a length cannot be told from noise.
            refused["frame too long, rest of the stream skipped"] += 1
            return
        frame = stream.read(length)
        if len(frame) < length:
            return
        if not is_control:
            yield frame
        elif reply and not _goes_on(frame, content_type, refused, reply):
            return


def control_frame(kind: int, content_type: bytes = b"") -> bytes:
    """A control frame with its escape and length."""
    field = _number(_CONTENT_TYPE_FIELD) + _number(len(content_type)) + content_type if content_type else b""
    return _number(0) + _number(4 + len(field)) + _number(kind) + field


def _goes_on(
    frame: bytes, content_type: bytes, refused: Counter[str], reply: Callable[[bytes], object]
) -> bool:
    """Answer a control frame; whether more frames follow it."""
    kind = int.from_bytes(frame[:4], "big")
    if kind == _READY:
        if content_type not in frame:
            refused["another content than dnstap offered"] += 1
            return False
        reply(control_frame(_ACCEPT, content_type))
    elif kind == _STOP:
        reply(control_frame(_FINISH))
        return False
    return True


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
