from __future__ import annotations

from collections import Counter
from io import BytesIO

from tidegauge.names.frame_stream import control_frame, frames

TYPE = b"protobuf:dnstap.Dnstap"
ACCEPT, START, STOP, READY, FINISH = range(1, 6)


def data(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def read(content: bytes, replies: list[bytes] | None = None) -> tuple[list[bytes], dict[str, int]]:
    refused: Counter[str] = Counter()
    reply = None if replies is None else replies.append
    return list(frames(BytesIO(content), TYPE, refused, reply)), dict(refused)


def test_a_control_frame_is_laid_out_as_fstrm_says() -> None:
    assert control_frame(FINISH).hex() == "000000000000000400000005"
    assert control_frame(START, b"ab").hex() == "000000000000000e0000000200000001000000026162"


def test_a_file_is_read_from_start_to_stop() -> None:
    content = control_frame(START, TYPE) + data(b"one") + data(b"two") + control_frame(STOP)
    assert read(content) == ([b"one", b"two"], {})


def test_a_stream_that_was_cut_off_ends_with_what_is_whole() -> None:
    content = control_frame(START, TYPE) + data(b"one") + data(b"two")
    for cut in range(1, 7):
        assert read(content[:-cut]) == ([b"one"], {})


def test_a_writer_is_greeted_and_let_go() -> None:
    replies: list[bytes] = []
    content = control_frame(READY, TYPE) + control_frame(START, TYPE) + data(b"one") + control_frame(STOP)
    assert read(content + data(b"after the end"), replies) == ([b"one"], {})
    assert replies == [control_frame(ACCEPT, TYPE), control_frame(FINISH)]


def test_a_writer_of_something_else_is_not_accepted() -> None:
    replies: list[bytes] = []
    found, refused = read(control_frame(READY, b"protobuf:other") + data(b"one"), replies)
    assert (found, replies, sum(refused.values())) == ([], [], 1)


def test_a_length_that_cannot_be_ends_the_stream() -> None:
    found, refused = read(data(b"one") + b"\xff\xff\xff\xff" + data(b"two"))
    assert (found, sum(refused.values())) == ([b"one"], 1)
