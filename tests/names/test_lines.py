from __future__ import annotations

import io
from collections import Counter

from tidegauge.names.lines import LONGEST, first_lines, lines


def test_lines_come_without_their_ends() -> None:
    assert list(lines(io.BytesIO(b"one\r\ntwo\n\nthree"), Counter())) == ["one", "two", "", "three"]


def test_strange_bytes_cost_no_line() -> None:
    assert list(lines(io.BytesIO(b"caf\xe9\n"), Counter())) == ["caf\ufffd"]


def test_an_endless_line_is_refused_and_what_follows_is_read() -> None:
    refused: Counter[str] = Counter()
    content = b"x" * (5 * LONGEST) + b"\nafter\n" + b"y" * LONGEST + b"\n"
    assert list(lines(io.BytesIO(content), refused)) == ["after"]
    assert refused == {"long line": 2}


def test_the_head_of_a_file_ends_with_its_last_whole_line() -> None:
    assert first_lines(b"one\ntwo\nthr") == ["one", "two"]
    assert first_lines(b"one\ntwo\n") == ["one", "two"]
    assert first_lines(b"only") == ["only"]
