"""Names learnt live from real servers: dnsmasq (DHCP and DNS) and Unbound (dnstap), while flows come in."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.flow_sender import wait_until
from tests.peers.collector import collect, send
from tests.peers.namespaces import cable
from tests.ports import free_port
from tests.surroundings import find_peer
from tidegauge.analysis.known_names import known_names
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

CLIENT, SERVER, SITE = "127.0.0.9", "192.0.2.80", "video.example"


def follow(lake: Path, **wanted: object) -> Lake:
    """A lake whose collector follows this."""
    opened = Lake.create(lake)
    (lake / "names").mkdir(exist_ok=True)
    (lake / "names/follow.toml").write_text("".join(f"{word} = {value}\n" for word, value in wanted.items()))
    return opened


@contextmanager
def running(command: Sequence[str], place: Sequence[str] = ()) -> Iterator[None]:
    with subprocess.Popen(
        [*place, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def dnsmasq(log: Path, *more: str) -> list[str]:
    own = [
        f"--log-facility={log}",
        "--log-queries=extra",
        "--user=root",
        "--pid-file=",
        "--no-resolv",
        "--no-hosts",
    ]
    return [find_peer("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", *own, *more]


def unbound(folder: Path, port: int, dnstap: Path) -> list[str]:
    """Unbound that answers from its configuration and tells every answer over dnstap."""
    configuration = folder / "unbound.conf"
    configuration.write_text(f"""
server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
  local-zone: "example." static
  local-data: "{SITE}. 300 A {SERVER}"
remote-control:
  control-enable: no
dnstap:
  dnstap-enable: yes
  dnstap-socket-path: "{dnstap}"
  dnstap-log-client-response-messages: yes
""")
    return [find_peer("unbound"), "-d", "-c", str(configuration)]


def ask_name(port: int) -> None:
    """Ask as the client until there is an answer."""
    command = [find_peer("dig"), "-b", CLIENT, "@127.0.0.1", "-p", str(port), SITE, "+short", "+time=1"]
    wait_until(lambda: SERVER in subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def flow() -> bytes:
    """NetFlow v5 from the client to the server, just now."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    header = struct.pack(">HHIIIIBBH", 5, 1, 60_000, seconds, nanoseconds, 0, 0, 0, 0)
    addresses = [socket.inet_aton(address) for address in (CLIENT, SERVER, "0.0.0.0")]
    times, ports = (59_990, 60_000), (50_000, 443)
    return header + struct.pack(
        ">4s4s4sHHIIIIHHxBBBHHBBxx", *addresses, 0, 0, 3, 900, *times, *ports, 0, 6, 0, 0, 0, 0, 0
    )


def assert_site_is_named(lake: Lake, flows: int, resolver: int) -> None:
    """Look the site up and use it, until it is named: Unbound drops what it tells before somebody listens."""
    by_site = Query(by=("site",))

    def is_named() -> bool:
        ask_name(resolver)
        send([flow()], flows)
        return any(row["site"] == SITE for row in top(lake, by_site, time.time_ns()).data)

    wait_until(is_named)


def test_dnsmasq_names_the_site_of_a_flow_through_rotation(tmp_path: Path) -> None:
    log, port = tmp_path / "dnsmasq.log", free_port()
    lake = follow(tmp_path / "lake", files=[str(log)])
    server = dnsmasq(
        log,
        f"--port={port}",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        f"--address=/{SITE}/{SERVER}",
    )
    with running(server), collect(lake.path) as flows:
        assert_site_is_named(lake, flows, port)
        log.rename(tmp_path / "dnsmasq.log.1")
        ask_name(port)  # dnsmasq was not told of it, and goes on in the old file
        wait_until(lambda: "query" in (tmp_path / "dnsmasq.log.1").read_text())
    [kept] = msgspec.json.decode((lake.path / "names/followed.json").read_bytes())
    assert kept == str(log)


def test_unbound_names_the_site_of_a_flow_over_dnstap(tmp_path: Path) -> None:
    dnstap, port = tmp_path / "dnstap.sock", free_port()
    lake = follow(tmp_path / "lake", dnstap=[str(dnstap)])
    with collect(lake.path) as flows, running(unbound(tmp_path, port, dnstap)):
        assert_site_is_named(lake, flows, port)
    assert not dnstap.exists()


def test_dnsmasq_tells_in_its_log_and_its_leases_who_got_an_address(tmp_path: Path) -> None:
    leases, log = tmp_path / "dnsmasq.leases", tmp_path / "dnsmasq.log"
    lake = follow(tmp_path / "lake", files=[str(leases), str(log)])
    with cable() as wire, collect(lake.path):
        offered = [
            "--port=0",
            "--no-ping",
            "--interface=wire",
            "--dhcp-range=192.0.2.2,192.0.2.2,1h",
            f"--dhcp-leasefile={leases}",
        ]
        with running(dnsmasq(log, *offered), wire.here):
            far = wire.here[-1].removesuffix("near") + "far"
            client = ["ip", "netns", "exec", far, sys.executable, "-m", "tidegauge.lab.wired.lease"]
            client += ["wire", "johns-laptop"]
            subprocess.run(client, check=True, timeout=20, env={**os.environ})
            query = Query()
            wait_until(
                lambda: (
                    {row["machine"] for row in known_names(lake, query, time.time_ns()).data}
                    == {"johns-laptop"}
                )
            )
    told = {row["source"] for row in known_names(lake, Query(), time.time_ns(), "192.0.2.2").data}
    assert told == {"dhcp"}
