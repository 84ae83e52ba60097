from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.app.written_names import files, names
from tests.wire import SERVER, Wire
from tidegauge._core import Batch, Decoder, Encoder, Meter
from tidegauge.app.answer_keeping import AnswerKeeping
from tidegauge.store.lake import Lake

SECOND = 1_000_000_000


def received(capture: Path, version: str = "ipfix") -> Sequence[Batch]:
    """What a collector makes of what a probe tells of a capture."""
    meter = Meter()
    meter.read(str(capture))
    first = meter.counters()["first_packet_time"]
    encoder, decoder = Encoder(version, boot_time=first - 3600 * SECOND), Decoder()
    for batch in meter.drain(everything=True):
        for datagram in encoder.encode(batch, first):
            decoder.feed(datagram, "127.0.0.1", 1, first)
    return decoder.drain()


@pytest.fixture(params=["udp", "tcp", "pieces", "overtaken"])
def capture(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    wire, over_tcp = Wire(), request.param != "udp"
    piece_bytes = {"pieces": 9, "overtaken": 40}.get(request.param, 1400)
    wire.dns("www.example.org", SERVER, over_tcp=over_tcp, piece_bytes=piece_bytes)
    if request.param == "overtaken":
        answer = slice(4, -1)  # behind handshake and question, before the last acknowledgment
        wire.packets[answer] = wire.packets[answer][::-1]
    wire.dns("forged.example", "203.0.113.9", id=8, asked=False, over_tcp=over_tcp, piece_bytes=piece_bytes)
    return wire.write(tmp_path / "answers.pcap")


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_answers_that_a_probe_saw_become_names(capture: Path, lake: Lake, version: str) -> None:
    keeping = AnswerKeeping(lake)
    keeping.keep(received(capture, version))
    assert names(lake) == ["www.example.org"]
    assert keeping.kept == 1


def test_what_was_told_lately_is_not_written_again(capture: Path, lake: Lake) -> None:
    keeping = AnswerKeeping(lake)
    for _ in range(3):
        keeping.keep(received(capture))
    assert (len(files(lake)), keeping.kept) == (1, 1)


def test_a_disk_that_refuses_costs_names_and_nothing_else(
    capture: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tidegauge.store.bindings.append", refuse)
    AnswerKeeping(lake).keep(received(capture))
    assert "names that exporters told could not be stored" in caplog.text
    assert not files(lake)
