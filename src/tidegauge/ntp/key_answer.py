"""What a server of NTS key establishment answers (RFC 8915, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.ntp.nts_records import AES_SIV_CMAC_256, END, NTPV4, ErrorCode, Record, RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COOKIES = 8

# What a client may say. A critical record of any other kind must be understood, and is not.
_KINDS = frozenset(
    {
        RecordKind.NEXT_PROTOCOL,
        RecordKind.AEAD_ALGORITHM,
        RecordKind.SERVER,
        RecordKind.PORT,
        RecordKind.WARNING,
    }
)


def answer_to(
    records: Sequence[Record], time_port: int, new_cookie: Callable[[], bytes]
) -> tuple[Record, ...]:
    """Answer a client's message, which ``records`` are without its end; the answer comes with its own.

    ``time_port`` is where NTP is answered. The client gets eight cookies, or an error, or the list of what we
    have in common, which is empty.
    """
    if any(record.is_critical and record.kind not in _KINDS for record in records):
        return _error(ErrorCode.UNRECOGNISED_CRITICAL_RECORD)
    try:
        protocols = _offered(records, RecordKind.NEXT_PROTOCOL)
        if NTPV4 not in protocols:
            return (Record.of_numbers(RecordKind.NEXT_PROTOCOL, is_critical=True), END)
        algorithms = _offered(records, RecordKind.AEAD_ALGORITHM)
    except ValueError:
        return _error(ErrorCode.BAD_REQUEST)
    protocol = Record.of_numbers(RecordKind.NEXT_PROTOCOL, NTPV4, is_critical=True)
    if AES_SIV_CMAC_256 not in algorithms:
        return (protocol, Record.of_numbers(RecordKind.AEAD_ALGORITHM), END)
    return (
        protocol,
        Record.of_numbers(RecordKind.AEAD_ALGORITHM, AES_SIV_CMAC_256),
        Record.of_numbers(RecordKind.PORT, time_port, is_critical=True),
        *(Record(RecordKind.NEW_COOKIE, new_cookie()) for _ in range(COOKIES)),
        END,
    )


def is_agreement(answer: Sequence[Record]) -> bool:
    """Whether an answer lets the client ask for the time."""
    return any(record.kind == RecordKind.NEW_COOKIE for record in answer)


def _offered(records: Sequence[Record], kind: RecordKind) -> tuple[int, ...]:
    """The numbers of the one record of a kind; ValueError when there is none, or several."""
    found = [record for record in records if record.kind == kind]
    if len(found) != 1:
        raise ValueError(f"{len(found)} records of type {kind} in place of one")
    return found[0].numbers


def _error(code: ErrorCode) -> tuple[Record, ...]:
    return (Record.of_numbers(RecordKind.ERROR, code, is_critical=True), END)
