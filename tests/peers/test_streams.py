"""IPFIX over TCP and TLS, and in files, with programs that are not ours."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from threading import Thread

import pytest

from tests.certificates import Authority
from tests.packet_trace import Trace, write_trace
from tests.peers.capture import captured
from tests.peers.softflowd import PACKETS
from tests.surroundings import find_peer
from tidegauge._core import Decoder
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget, FileTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import meter_capture
from tidegauge.metering.settings import MeterSettings
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.stream_listener import StreamListener
from tidegauge.receiving.stream_settings import StreamSettings
from tidegauge.store.batch_rows import batch_rows

pytestmark = pytest.mark.peers

COLUMNS = ("start", "end", "src_addr", "dst_addr", "src_port", "dst_port", "protocol", "packets", "bytes")
SETTINGS = MeterSettings(idle_timeout_seconds=5)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return write_trace(tmp_path_factory.mktemp("trace") / "trace.pcap", 4_000, 400, seed=11)


@pytest.fixture(scope="module")
def file(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IPFIX file of ours."""
    path = tmp_path_factory.mktemp("file") / "flows.ipfix"
    meter_capture(trace.path, [opener(FileTarget(path), ExportSettings(), SETTINGS)], SETTINGS)
    return path


def read_by_tshark(path: Path, *preferences: str) -> tuple[int, int]:
    """Packets and bytes of all flows in a capture or an IPFIX file, and that nothing in it is malformed."""
    command = [find_peer("tshark"), "-r", str(path), *preferences]
    wrong = subprocess.run(
        [*command, "-Y", "_ws.malformed || _ws.expert.severity == error"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not wrong.stdout
    fields = [*command, "-T", "fields", "-e", "cflow.packets", "-e", "cflow.octets", "-E", "aggregator=,"]
    found = subprocess.run(fields, capture_output=True, text=True, check=True).stdout
    columns = zip(*(line.split("\t") for line in found.splitlines()), strict=True)
    packets, octets = (sum(map(int, filter(None, ",".join(column).split(",")))) for column in columns)
    return packets, octets


def test_tshark_reads_our_file(trace: Trace, file: Path) -> None:
    assert read_by_tshark(file) == (trace.packets, trace.bytes)


def test_tshark_reads_our_connection(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "tcp.pcap"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with captured("lo", path, f"tcp port {port}", most_bytes=0):
            reading = Thread(target=read_to_the_end, args=(listening,))
            reading.start()
            target = ExportTarget("ipfix", "127.0.0.1", port, "tcp")
            meter_capture(trace.path, [opener(target, ExportSettings(), SETTINGS)], SETTINGS)
            reading.join()
    assert read_by_tshark(path, "-d", f"tcp.port=={port},cflow") == (trace.packets, trace.bytes)


def read_to_the_end(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        while connection.recv(1 << 16):
            pass


def export_by_softflowd(port: int, folder: Path, *options: str) -> None:
    command = [find_peer("softflowd"), "-r", str(PACKETS), "-n", f"127.0.0.1:{port}", "-P", "tcp", *options]
    command += ["-v", "10", "-a", "-6", "-A", "milli", "-c", "none", "-d", "-p", str(folder / "pid")]
    subprocess.run(command, capture_output=True, check=True, timeout=30)


@pytest.mark.parametrize("is_bidirectional", [False, True])
def test_softflowd_exports_both_directions_to_us(tmp_path: Path, *, is_bidirectional: bool) -> None:
    """In one record, or in one each (RFC 5103): the same packets and bytes."""
    address = ListenAddress("127.0.0.1", 0, "tcp")
    listener = StreamListener(
        address, StreamSettings(), writer_id="", counters_path=tmp_path / "counters.map"
    )
    export_by_softflowd(listener.address.port, tmp_path, *(["-b"] if is_bidirectional else []))
    flows = [batch for batch in listener.close() if batch.table == "flows"]
    packets, octets, back = (
        sum(batch.total(name) for batch in flows) for name in ("packets", "bytes", "reverse_bytes")
    )
    packets += sum(batch.total("reverse_packets") for batch in flows)
    assert (packets, octets + back) == (528, 252_301)
    assert (sum(map(len, flows)) == 82, back > 0) == (not is_bidirectional, is_bidirectional)


def test_openssl_gets_from_us_what_the_file_holds(file: Path, trace: Trace, tmp_path: Path) -> None:
    """s_server, which knows nothing of IPFIX, prints what a connection of ours carried."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("collector")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [find_peer("openssl"), "s_server", "-quiet", "-accept", f"127.0.0.1:{port}", "-naccept", "1"]
    command += ["-cert", str(certificate), "-key", str(key), "-CAfile", str(authority.path), "-Verify", "1"]
    mine, my_key = authority.issue("probe")
    settings = ExportSettings(tls_trusted=authority.path, tls_certificate=mine, tls_key=my_key)
    with (
        (tmp_path / "heard").open("wb") as heard,
        subprocess.Popen(command, stdout=heard, stderr=subprocess.DEVNULL, stdin=subprocess.PIPE) as server,
    ):
        wait_for_port(port)
        target = ExportTarget("ipfix", "127.0.0.1", port, "tls")
        meter_capture(trace.path, [opener(target, settings, SETTINGS)], SETTINGS)
        server.wait(20)
    heard_flows, flows = told(tmp_path / "heard"), told(file)
    assert len(flows) == trace.flows
    assert heard_flows == flows, "the file has checksums beside, and nothing else that differs"


def told(path: Path) -> list[tuple[object, ...]]:
    """The flows of an IPFIX file, or of what came over a connection."""
    decoder = Decoder()
    while decoder.read(str(path), "192.0.2.1"):
        pass
    flows = [batch for batch in decoder.close() if batch.table == "flows"]
    return [row for batch in flows for row in batch_rows(batch, COLUMNS)]


def test_openssl_brings_us_a_file_over_tls(file: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("collector")
    mine, my_key = authority.issue("probe")
    settings = StreamSettings(tls_certificate=certificate, tls_key=key, tls_trusted=authority.path)
    listener = StreamListener(
        ListenAddress("127.0.0.1", 0, "tls"), settings, writer_id="", counters_path=tmp_path / "map"
    )
    for version in ("-tls1_2", "-tls1_3"):
        command = [
            find_peer("openssl"),
            "s_client",
            "-quiet",
            "-no_ign_eof",
            version,
            "-connect",
            f"127.0.0.1:{listener.address.port}",
        ]
        command += [
            "-cert",
            str(mine),
            "-key",
            str(my_key),
            "-CAfile",
            str(authority.path),
            "-verify_return_error",
        ]
        subprocess.run(command, input=file.read_bytes(), capture_output=True, check=True, timeout=30)
    listener.close()
    assert (listener.counters()["lost_sequence"], listener.connections["not_ipfix"]) == (0, 0)
    assert listener.counters()["datagram_bytes"] == 2 * file.stat().st_size


def wait_for_port(port: int) -> None:
    """Until somebody listens there, without connecting: that would be the one connection."""
    deadline = time.monotonic() + 10
    while f":{port:04X} 00000000:0000 0A" not in Path("/proc/net/tcp").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
