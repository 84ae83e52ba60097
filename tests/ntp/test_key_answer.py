from __future__ import annotations

import pytest

from tests.nts_server import record
from tidegauge.ntp.key_answer import answer_to, is_agreement
from tidegauge.ntp.key_establishment import Agreement, request
from tidegauge.ntp.nts_records import MessageReader, Record

END = "8000 0000"
PROTOCOL = record(1, b"\0\0", critical=True)
ALGORITHM = record(4, b"\0\x0f", critical=True)


def answered(message: bytes) -> tuple[Record, ...]:
    records = MessageReader().feed(message + record(0, critical=True))
    assert records is not None
    return answer_to(records, 11123, lambda: bytes(100))


def text(answer: tuple[Record, ...]) -> str:
    return b"".join(record.to_bytes() for record in answer).hex(" ", 2)


def test_our_client_understands_the_answer() -> None:
    records = MessageReader().feed(request())
    assert records is not None
    answer = answer_to(records, 11123, lambda: bytes(100))
    read = MessageReader().feed(b"".join(record.to_bytes() for record in answer))
    assert read is not None
    assert Agreement.from_records(read) == Agreement((bytes(100),) * 8, None, 11123)
    assert is_agreement(answer)


def test_of_several_offers_ours_is_chosen() -> None:
    answer = answered(record(1, b"\x80\x01\0\0", critical=True) + record(4, b"\0\x1e\0\x0f"))
    assert is_agreement(answer)
    assert text(answer).startswith("8001 0002 0000 0004 0002 000f 8007 0002 2b73")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (record(1, b"\x80\x01", critical=True) + ALGORITHM, "8001 0000"),
        (PROTOCOL + record(4, b"\0\x1e"), "8001 0002 0000 0004 0000"),
        (PROTOCOL + ALGORITHM + record(1234, critical=True), "8002 0002 0000"),
        (ALGORITHM, "8002 0002 0001"),
        (PROTOCOL, "8002 0002 0001"),
        (PROTOCOL + PROTOCOL + ALGORITHM, "8002 0002 0001"),
        (record(1, b"\0", critical=True) + ALGORITHM, "8002 0002 0001"),
        (b"", "8002 0002 0001"),
    ],
)
def test_without_agreement_the_client_learns_why(message: bytes, answer: str) -> None:
    found = answered(message)
    assert text(found) == f"{answer} {END}"
    assert not is_agreement(found)


def test_what_is_unknown_but_not_critical_is_passed_over() -> None:
    assert is_agreement(answered(PROTOCOL + ALGORITHM + record(1234, b"what")))
