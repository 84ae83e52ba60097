"""Names told by real clients to real servers, all on loopback: curl and OpenSSL, aioquic, dnsmasq."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion
from scapy.layers.dns import DNS, DNSQR

from tests.command import tidegauge
from tests.flow_sender import wait_until
from tests.peers import capture
from tests.ports import free_port
from tests.surroundings import find_peer
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

BYTES = 300_000
HERE = "127.0.0.1"
LOOKED_UP = "127.0.0.80"


@contextmanager
def running(*command: str, cwd: Path | None = None) -> Iterator[None]:
    with subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def captured(path: Path, *ports: int) -> AbstractContextManager[None]:
    """Keep what passes loopback to and from these ports."""
    return capture.captured("lo", path, " or ".join(f"port {port}" for port in ports))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, own = folder / "key.pem", folder / "certificate.pem"
    command = [find_peer("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", str(key), "-out", str(own), "-days", "2", "-subj", "/CN=video.example"]
    subprocess.run(command, check=True, capture_output=True)
    return key, own


def sites(capture: Path, lake: Path) -> dict[tuple[str | None, str | None], int]:
    """Bytes by site and how we know it."""
    tidegauge("probe", "--read", str(capture), "--lake", str(lake))
    answer = top(Lake.open(lake), Query(by=("site", "site_source")), time.time_ns())
    return {(row["site"], row["site_source"]): row["bytes"] for row in answer.data}


def test_downloads_over_tls_are_named_by_what_the_client_asked_for(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(bytes(BYTES))
    key, own = map(str, certificate)
    port = free_port()
    serving = running(
        find_peer("openssl"),
        "s_server",
        "-accept",
        str(port),
        "-key",
        key,
        "-cert",
        own,
        "-WWW",
        cwd=tmp_path,
    )
    with serving, captured(tmp_path / "tls.pcap", port):
        for name in ("www.youtube.com", "video.example"):
            command = [find_peer("curl"), "-sk", "--retry", "9", "--retry-connrefused", "--retry-delay", "1"]
            command += ["--resolve", f"{name}:{port}:{HERE}", f"https://{name}:{port}/big", "-o", "/dev/null"]
            subprocess.run(command, check=True)
    found = sites(tmp_path / "tls.pcap", tmp_path / "lake")
    assert min(found["www.youtube.com", "sni"], found["video.example", "sni"]) > BYTES


@pytest.mark.parametrize("version", [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2])
def test_downloads_over_quic_are_too(
    certificate: tuple[Path, Path], tmp_path: Path, version: QuicProtocolVersion
) -> None:
    port = free_port()

    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(BYTES))
        writer.write_eof()

    async def download() -> int:
        key, own = certificate
        there = QuicConfiguration(is_client=False, alpn_protocols=["h3"], supported_versions=[version])
        there.load_cert_chain(str(own), str(key))
        here = QuicConfiguration(alpn_protocols=["h3"], server_name="video.example", verify_mode=0)
        here.original_version, here.supported_versions = version, [version]
        server = await serve(HERE, port, configuration=there, stream_handler=answer)
        async with connect(HERE, port, configuration=here) as client:
            reader, writer = await client.create_stream()
            writer.write_eof()
            got = len(await reader.read())
        server.close()
        return got

    with captured(tmp_path / "quic.pcap", port):
        assert asyncio.run(asyncio.wait_for(download(), 30)) == BYTES
    found = sites(tmp_path / "quic.pcap", tmp_path / "lake")
    assert list(found) == [("video.example", "sni")]
    assert found["video.example", "sni"] > BYTES


def test_what_a_client_looked_up_names_what_tells_no_name(tmp_path: Path) -> None:
    port = 873  # lower than a client's, so that the client is the near end
    resolver = running(
        find_peer("dnsmasq"), "--no-daemon", "--no-resolv", "--no-hosts", "--port=53", "--bind-interfaces",
        "--listen-address=127.0.0.53", f"--address=/files.example/{LOOKED_UP}", "--pid-file=",
    )  # fmt: skip
    with (
        resolver,
        captured(tmp_path / "dns.pcap", 53, port),
        socket.create_server((LOOKED_UP, port)) as server,
    ):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(("127.0.0.53", 53))
            asking.settimeout(0.5)
            question = bytes(DNS(id=4711, qd=DNSQR(qname="files.example")))
            wait_until(lambda: _is_answered(asking, question))
        with socket.create_connection((LOOKED_UP, port)) as client:
            served, _ = server.accept()
            with served:
                served.sendall(bytes(BYTES))
                client.recv(BYTES, socket.MSG_WAITALL)
    found = sites(tmp_path / "dns.pcap", tmp_path / "lake")
    assert found["files.example", "dns"] > BYTES


def _is_answered(asking: socket.socket, question: bytes) -> bool:
    try:
        asking.send(question)
        return bool(asking.recv(512))
    except OSError:  # nobody listens yet
        return False
