"""Files of messages: datagrams one after another, and IPFIX files (RFC 5655), damaged ones as well."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from tests.conformance.heard import OCTETS, data, ipfix, netflow9, options_template, set_of, template
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

FIELDS = (OCTETS, 4)
MESSAGE_SCOPE, CHECKSUM = (263, 1), (262, 16)


def read(path: Path, *messages: bytes) -> tuple[list[int], dict[str, int]]:
    """Octets of the flows in a file, and what was counted."""
    path.write_bytes(b"".join(messages))
    decoder = Decoder()
    octets: list[int] = []
    while decoder.read(str(path), "::"):
        flows = [batch for batch in decoder.drain() if batch.table == "flows"]
        octets += [number for batch in flows for (number,) in batch_rows(batch, ["bytes"])]
    decoder.close()
    return octets, decoder.counters()


def sealed(*sets: bytes, sequence: int = 0, damage: int = 0) -> bytes:
    """A message with its checksum, as RFC 5655 (section 8.1.1) has it."""
    head = options_template(300, MESSAGE_SCOPE, CHECKSUM)
    blank = ipfix(head, set_of(300, b"\0" + bytes(16)), *sets, sequence=sequence)
    told = bytearray(hashlib.md5(blank, usedforsecurity=False).digest())
    told[0] ^= damage
    return ipfix(head, set_of(300, b"\0" + bytes(told)), *sets, sequence=sequence)


@pytest.mark.proves("A7")
def test_datagrams_stand_one_after_another(tmp_path: Path) -> None:
    ours = [ipfix(template(256, FIELDS), data(256, 1)), ipfix(data(256, 2), sequence=1)]
    theirs = [netflow9(template(256, FIELDS, of=0), data(256, 3)), netflow9(data(256, 4), sequence=1)]
    for messages, octets in ((ours, [1, 2]), (theirs, [3, 4]), (ours + theirs, [1, 2, 3, 4])):
        assert read(tmp_path / "file", *messages)[0] == octets


@pytest.mark.proves("E5")
def test_a_checksum_is_compared(tmp_path: Path) -> None:
    octets, counters = read(
        tmp_path / "file",
        sealed(template(256, FIELDS), data(256, 1)),
        sealed(data(256, 2), sequence=2, damage=1),
        ipfix(data(256, 3), sequence=4),
    )
    assert octets == [1, 2, 3], "what a checksum speaks against is told of and not thrown away"
    assert (counters["checked_messages"], counters["malformed_bad_checksum"]) == (2, 1)


@pytest.mark.proves("E5")
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda message: message[:2] + struct.pack(">H", 20_000) + message[4:], id="too long"),
        pytest.param(lambda message: message[:2] + struct.pack(">H", 17) + message[4:], id="too short"),
        pytest.param(lambda message: b"\xff\xff" + message[2:], id="no version"),
        pytest.param(lambda message: message[:20], id="cut off"),
        pytest.param(lambda message: message + b"noise of another kind", id="noise behind it"),
        pytest.param(lambda message: bytes([0, 10]) * 300 + message[40:], id="many versions"),
    ],
)
def test_reading_goes_on_behind_a_damaged_message(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    messages = [ipfix(template(256, FIELDS), data(256, 1))]
    messages += [ipfix(data(256, number, number), sequence=number) for number in range(2, 30)]
    messages[9] = damage(messages[9])
    octets, counters = read(tmp_path / "file", *messages)
    whole = [1, *(number for number in range(2, 30) if number != 10 for _ in range(2))]
    assert [number for number in octets if number != 10] == whole
    assert (
        counters["malformed_unknown_version"]
        + counters["malformed_truncated_record"]
        + counters["malformed_bad_set_length"]
        > 0
    )


@pytest.mark.proves("E5")
def test_a_damaged_file_larger_than_what_is_read_at_once_is_read_to_its_end(tmp_path: Path) -> None:
    many = [ipfix(data(256, *range(1000)), sequence=number * 1000) for number in range(800)]
    noise = bytes(range(1, 256)) * 6000
    octets, _ = read(tmp_path / "file", ipfix(template(256, FIELDS)), *many[:400], noise, *many[400:])
    assert len(octets) == 800_000


def test_what_is_no_ipfix_file_is_not_searched(tmp_path: Path) -> None:
    assert read(tmp_path / "file", b"hello" + ipfix(template(256, FIELDS), data(256, 1)))[0] == []


@pytest.mark.proves("E5")
def test_what_files_say_of_themselves_is_kept_by_name(tmp_path: Path) -> None:
    elements = [(258, 8), (259, 4), (260, 4), (261, 4), (264, 4), (265, 4), (266, 16), (268, 8)]
    fields = [*elements, (211, 4), (217, 2)]
    record = b"\0" + bytes(range(sum(length for _, length in fields)))
    path = tmp_path / "file"
    path.write_bytes(ipfix(options_template(300, (267, 1), *fields), set_of(300, record)))
    decoder = Decoder()
    decoder.read(str(path), "::")
    options = next(batch for batch in decoder.drain() if batch.table == "options")
    [(scope, other)] = batch_rows(options, ["scope", "other"])
    assert [each["element"] for each in scope] == ["sessionScope"]
    names = [each["element"] for each in other]
    assert names[:3] == ["collectionTimeMilliseconds", "exportSctpStreamId", "maxExportSeconds"]
    assert len(names) == len(fields)
    assert not any("/" in name for name in names), "each has a name"
