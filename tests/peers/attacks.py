"""Real attack tools, and ordinary use, in a network of their own, metered by softflowd.

``python -m tests.peers.attacks [NAME]...`` plays them and records what softflowd exports into
``tests/data/attacks``, so that a machine without the tools still tests against the real thing.

A machine at 10.1.2.66 and a network of servers, 10.20.0.0/25, of which two addresses exist. 198.51.100.20
is somewhere outside. Floods are bounded in count.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers import softflowd
from tests.peers.namespaces import Cable, cable, ip
from tests.surroundings import ROOT, find_peer

RECORDED = ROOT / "tests/data/attacks"
PATIENCE_SECONDS = 120

ATTACKER, GATEWAY = "10.1.2.66", "10.1.2.65"
SERVER, OTHER_SERVER, NETWORK, OUTSIDE = "10.20.0.5", "10.20.0.6", "10.20.0.0/25", "198.51.100.20"
SSH, WEB, MAIL = 22, 80, 587
FLOOD_PACKETS = "1500"
NOT_ANSWERED = 1
"""How hping3 ends when nothing came back."""

# A server that speaks like its port: a banner, or pages of the size that the path names.
SERVE = """
import socketserver, sys, threading
class Ssh(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"SSH-2.0-test\\r\\n")
        for _ in range(6):  # greeting, key exchange, a password that is wrong
            if not self.request.recv(4096): return
            self.request.sendall(bytes(300))
class Web(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            path = line.split()[1]
            length = 0
            while (header := self.rfile.readline()).strip():
                name, _, value = header.lower().partition(b":")
                if name == b"content-length": length = int(value)
                if name == b"expect": self.wfile.write(b"HTTP/1.1 100 Continue\\r\\n\\r\\n")
            while length > 0: length -= len(self.rfile.read(min(length, 1 << 20)))
            size = int(path.strip(b"/") or 0)
            status = b"401 Unauthorized" if size == 0 else b"200 OK"
            head = b"HTTP/1.1 %s\\r\\nContent-Length: %d\\r\\n\\r\\n" % (status, size)
            self.wfile.write(head + bytes(size))
class Names(socketserver.BaseRequestHandler):
    def handle(self):
        content, sock = self.request
        sock.sendto(content + bytes(90), self.client_address)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 512
servers = [Server(("", 22), Ssh), Server(("", 80), Web), socketserver.ThreadingUDPServer(("", 53), Names)]
for server in servers: threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""

TRY_SSH = """
import socket, sys
for _ in range(int(sys.argv[2])):
    with socket.create_connection((sys.argv[1], 22)) as tried:
        tried.recv(100)
        for size in (22, 800, 48, 16, 64, 84):
            tried.sendall(bytes(size))
            tried.recv(4096)
"""

TRY_WEB = """
import socket, sys
for number in range(int(sys.argv[2])):
    with socket.create_connection((sys.argv[1], 80)) as tried:
        tried.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Basic %04d\\r\\n\\r\\n" % number)
        tried.recv(4096)
"""

BROWSE = """
import http.client, random, socket, sys
random.seed(1)
for page in range(25):
    host = random.choice(sys.argv[1:])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(bytes(40), (sys.argv[1], 53))
        asking.recv(1000)
    for connection in range(random.randint(1, 3)):
        web = http.client.HTTPConnection(host, 80)
        for thing in range(random.randint(1, 6)):
            web.request("GET", "/%d" % random.randint(200, 90_000))
            web.getresponse().read()
        web.close()
"""


class Site:
    """The network while it stands: what an attack runs its tools in."""

    def __init__(self, wire: Cable) -> None:
        self._wire = wire

    def run(self, program: str, *arguments: str, codes: Collection[int] = (0,)) -> None:
        """Run a program at the attacker's machine, to its end."""
        command = [*self._wire.here, find_peer(program), *arguments]
        ran = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE_SECONDS)
        assert ran.returncode in codes, (command, ran.stderr)

    def script(self, text: str, *arguments: str) -> None:
        """Run a Python program there."""
        command = [*self._wire.here, sys.executable, "-c", text, *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_SECONDS)

    def nmap(self, *arguments: str) -> None:
        """Look around as nmap does, without asking for names."""
        self.run("nmap", "-n", *arguments)

    def flood(self, *arguments: str) -> None:
        """Send ``FLOOD_PACKETS`` packets, a thousand a second, and wait for no answer."""
        self.run("hping3", "-q", "-c", FLOOD_PACKETS, "-i", "u1000", *arguments, codes=(0, NOT_ANSWERED))


def upload(site: Site) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(1_100_000_000)
        site.run("curl", "-s", "-T", file.name, f"http://{OUTSIDE}/1")


PLAYED: dict[str, Callable[[Site], None]] = {
    "syn_scan": lambda site: site.nmap("-sS", "-Pn", "-p", "1-200", SERVER),
    "quick_connect_scan": lambda site: site.nmap("-sT", "-Pn", "-F", SERVER),
    "udp_scan": lambda site: site.nmap("-sU", "-Pn", "-F", "-T4", "--max-retries", "1", SERVER),
    "host_sweep": lambda site: site.nmap("-sn", NETWORK),
    "ping_sweep": lambda site: site.nmap("-sn", "-PE", NETWORK),
    "polite_scan": lambda site: site.nmap("-sS", "-Pn", "-T2", "-F", SERVER),
    "syn_flood": lambda site: site.flood("-S", "-p", str(WEB), SERVER),
    "spoofed_flood": lambda site: site.flood("-S", "-p", str(WEB), "--rand-source", SERVER),
    "udp_flood": lambda site: site.flood("--udp", "-p", "9", "-d", "64", SERVER),
    "ssh_passwords": lambda site: site.script(TRY_SSH, SERVER, "60"),
    "web_passwords": lambda site: site.script(TRY_WEB, SERVER, "500"),
    "upload": upload,
    "browsing": lambda site: site.script(BROWSE, SERVER, OTHER_SERVER, OUTSIDE),
}


@contextmanager
def _site() -> Iterator[tuple[Site, Cable]]:
    with cable() as wire:
        near, far = wire.here[-1], wire.there[-1]
        ip("-n", near, "address", "flush", "dev", wire.interface)
        ip("-n", near, "address", "add", f"{ATTACKER}/30", "dev", wire.interface)
        ip("-n", near, "route", "add", "default", "via", GATEWAY)
        ip("-n", far, "address", "add", f"{GATEWAY}/30", "dev", wire.interface)
        for address in (SERVER, OTHER_SERVER, OUTSIDE):
            ip("-n", far, "address", "add", f"{address}/32", "dev", "lo")
        serve = [*wire.there, sys.executable, "-c", SERVE]
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        with subprocess.Popen(serve, stdin=pipe, stdout=pipe, stderr=quiet, text=True) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            try:
                yield Site(wire), wire
            finally:
                server.kill()


@contextmanager
def _packets(wire: Cable, path: Path) -> Iterator[None]:
    """Write the heads of all packets at the attacker's end into a capture."""
    dump = [*wire.here, find_peer("tcpdump"), "-i", wire.interface, "-s", "128", "-B", "16384"]
    # Otherwise the last packets are handed over a second later, and are gone with the program.
    dump += ["--immediate-mode", "-U"]
    dump += ["-w", str(path), "ip"]
    with subprocess.Popen(dump, stderr=subprocess.PIPE, text=True) as tcpdump:
        assert tcpdump.stderr is not None
        assert "listening on" in next(iter(tcpdump.stderr))
        try:
            yield
            time.sleep(0.5)  # what is on its way into the capture
        finally:
            tcpdump.terminate()


def play(name: str) -> list[bytes]:
    """Do it, and return the datagrams in which softflowd tells of it."""
    with tempfile.TemporaryDirectory() as folder, _site() as (site, wire):
        packets = Path(folder) / "packets.pcap"
        with _packets(wire, packets):
            PLAYED[name](site)
        return softflowd.export("ipfix", packets)


def recorded(name: str) -> Path:
    """The committed recording of what softflowd exported."""
    return RECORDED / f"{name}.pcap.gz"


def unpack(name: str, path: Path) -> Path:
    """The recording as a capture that can be imported."""
    path.write_bytes(gzip.decompress(recorded(name).read_bytes()))
    return path


def _record(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "exports.pcap"
        softflowd.save(play(name), capture)
        recorded(name).write_bytes(gzip.compress(capture.read_bytes(), mtime=0))


if __name__ == "__main__":
    RECORDED.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[1:] or PLAYED:
        _record(each)
