from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.dnstap import Dnstap

SOURCE = Dnstap()
TAP = (DATA / "dnstap.fstrm").read_bytes()
HEADER = 4 + 4 + int.from_bytes(TAP[4:8], "big")


def test_what_unbound_told_its_clients() -> None:
    bindings, refused = read(SOURCE, TAP)
    rows = told(bindings)
    assert [(row.client, row.name, row.address) for row in rows[:3]] == [
        ("192.168.10.95", "www.youtube.com", "142.250.185.78"),
        ("192.168.10.95", "www.youtube.com", "142.250.185.110"),
        ("192.168.10.95", "www.youtube.com", "2a00:1450:4001:82a::200e"),
    ]
    assert rows[4].client == "fd10:0:10::b"
    assert rows[-1] == Told("host", "142.250.185.78", "fra16s49-in-f14.1e100.net", "18:38:27", "18:38:27")
    assert not refused


def test_a_file_that_was_cut_off_says_what_is_whole() -> None:
    whole = told(read(SOURCE, TAP)[0])
    for length in range(HEADER, len(TAP), 7):
        rows = told(read(SOURCE, TAP[:length])[0])
        assert rows == whole[: len(rows)]


def test_a_frame_that_is_none_is_counted_and_the_next_is_read() -> None:
    nonsense = (3).to_bytes(4, "big") + b"\x72\x7f\x00"
    bindings, refused = read(SOURCE, TAP[:HEADER] + nonsense + TAP[HEADER:])
    assert (len(bindings), refused) == (7, {"no dnstap message": 1})


def test_an_absurd_length_ends_the_reading() -> None:
    bindings, refused = read(SOURCE, TAP[:HEADER] + b"\xff\xff\xff\xff" + TAP[HEADER:])
    assert bindings == []
    assert list(refused) == ["frame too long, rest of the stream skipped"]


@settings(deadline=None)
@given(st.integers(HEADER, len(TAP) - 1), st.integers(0, 255))
def test_a_flipped_byte_is_no_trouble(place: int, octet: int) -> None:
    bindings, _ = read(SOURCE, TAP[:place] + bytes([octet]) + TAP[place + 1 :])
    assert all(binding.name for binding in bindings)


@pytest.mark.parametrize("head", [b"", bytes(300), TAP[8:]])
def test_other_streams_are_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head)
