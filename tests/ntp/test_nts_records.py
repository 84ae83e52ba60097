from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.ntp.nts_records import (
    AES_SIV_CMAC_256,
    END,
    NTPV4,
    MessageReader,
    Record,
    RecordKind,
)

RECORDS = st.lists(
    st.builds(Record, st.integers(1, 0x7FFF), st.binary(max_size=60), st.booleans()), max_size=6
)


def message(records: list[Record]) -> bytes:
    return b"".join(record.to_bytes() for record in [*records, END])


def test_a_request_is_written_as_rfc_8915_says() -> None:
    request = [
        Record.of_numbers(RecordKind.NEXT_PROTOCOL, NTPV4, is_critical=True),
        Record.of_numbers(RecordKind.AEAD_ALGORITHM, AES_SIV_CMAC_256),
    ]
    assert message(request).hex(" ", 2) == "8001 0002 0000 0004 0002 000f 8000 0000"


@given(RECORDS, st.data())
def test_a_message_may_arrive_in_any_pieces(records: list[Record], data: st.DataObject) -> None:
    waiting, reader, read = message(records), MessageReader(), None
    while waiting:
        assert read is None
        size = data.draw(st.integers(1, len(waiting)))
        read, waiting = reader.feed(waiting[:size]), waiting[size:]
    assert read == tuple(records)


def test_what_follows_the_end_is_not_looked_at() -> None:
    assert MessageReader().feed(message([]) + b"\0") == ()


def test_a_message_that_does_not_end_is_given_up() -> None:
    reader = MessageReader(limit=100)
    assert reader.feed(bytes.fromhex("00050060") + bytes(96)) is None
    with pytest.raises(ValueError, match="longer than 100 bytes"):
        reader.feed(b"\0")


def test_numbers_are_read_only_where_there_are_numbers() -> None:
    assert Record.of_numbers(RecordKind.PORT, 4460).number == 4460
    assert Record(4, bytes.fromhex("000f001e")).numbers == (15, 30)
    with pytest.raises(ValueError, match="type 7 has 4 bytes in place of 2"):
        _ = Record(7, bytes(4)).number
    with pytest.raises(ValueError, match="odd number of bytes, 3"):
        _ = Record(4, bytes(3)).numbers


def test_a_record_has_a_length_of_16_bits() -> None:
    with pytest.raises(ValueError, match="65536 bytes do not fit"):
        Record(RecordKind.NEW_COOKIE, bytes(65536)).to_bytes()
