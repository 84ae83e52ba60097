"""Polling net-snmp's agent: by every version, and beside softflowd on a wire with known bytes."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tests.names.told import packed
from tests.peers.collector import collect, send
from tests.peers.namespaces import Cable, cable
from tests.peers.snmpd import AUTH_PASSWORD, COMMUNITY, PRIVACY_PASSWORD, USERS, snmpd
from tests.peers.softflowd import received
from tests.surroundings import find_peer
from tidegauge.analysis.links import links
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.exporters.agent import SECOND, Agent, Community, User
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.query.links import MINUTE
from tidegauge.query.question import Query
from tidegauge.receiving.snmp import Polled, poll
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.interface_samples import append, samples_seen
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

PACKETS, PAYLOAD = 3000, 972
IP_BYTES = PAYLOAD + 28
ETHERNET_BYTES = 14
TALK = """
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    for number in range(int(sys.argv[2])):
        talker.sendto(bytes(int(sys.argv[3])), (sys.argv[1], 9))
        if number % 50 == 0:
            time.sleep(0.01)
"""
CACHE_SECONDS = 3.5
"""net-snmp answers about interfaces from what it saw up to three seconds ago."""


def ask(port: int, access: Community | User) -> Polled:
    agent = Agent("edge", "127.0.0.1", port, packed("127.0.0.1"), access, 60 * SECOND, 2 * SECOND)
    return asyncio.run(poll(agent, time.time_ns))


def user(name: str, auth: str = AUTH_PASSWORD, privacy: str = PRIVACY_PASSWORD) -> User:
    return User(name, USERS[name][0], auth, USERS[name][1], privacy)


def test_every_version_tells_the_same(tmp_path: Path) -> None:
    with snmpd(tmp_path / "snmpd") as port:
        answers = [ask(port, access) for access in (Community(COMMUNITY), user("watcher"), user("veteran"))]
        refused = ask(port, user("watcher", auth="quite another"))
        misread = ask(port, user("watcher", privacy="quite another"))
        stranger = ask(port, Community("quite another"))
    assert [polled.state for polled in answers] == ["answered"] * 3, answers
    names = dict(socket.if_nameindex())
    for polled in answers:
        assert {sample.interface: sample.name for sample in polled.samples} == names
        assert {sample.counter_bits for sample in polled.samples} == {64}
        assert all(abs(sample.received - sample.counting_since) < 60 * SECOND for sample in polled.samples)
    assert (refused.state, misread.state, stranger.state) == ("refused", "silent", "silent")
    assert "refuses user, password or protocol" in refused.sentence


def test_flows_of_known_bytes_agree_with_the_counters(tmp_path: Path) -> None:
    """3000 packets leave by the wire; softflowd meters them, net-snmp tells what the kernel counted."""
    path = tmp_path / "lake"
    with cable() as wire, snmpd(tmp_path / "snmpd", wire.here) as agent_port, collect(path) as port:
        describe(path, agent_port, f'community = "{COMMUNITY}"')
        [polled] = poll_at(wire, path)
        assert (polled["state"], polled["interfaces"]) == ("answered", 2)
        flows = softflowd_meters(wire, tmp_path)
        send([leaving_by(2, datagram) for datagram in flows], port)
        time.sleep(CACHE_SECONDS)
        describe(
            path,
            agent_port,
            f'user = "watcher"\nauth = "sha256"\nauth_password = "{AUTH_PASSWORD}"\n'
            f'privacy = "aes128"\nprivacy_password = "{PRIVACY_PASSWORD}"',
        )
        assert [each["state"] for each in poll_at(wire, path)] == ["answered"]
    begin = spread_over_a_minute(Lake.open(path))
    query = Query(since=text_from_instant(begin), until=text_from_instant(begin + MINUTE))
    found = links(Lake.open(path), query, begin + 2 * 3600 * SECOND)
    [row] = [row for row in found.data if row["interface"] == 2]
    frames = PACKETS * (IP_BYTES + ETHERNET_BYTES)
    # The kernel's own chatter (neighbour discovery, multicast) comes on top.
    assert frames <= row["counted_out"] < frames + 20_000
    assert row["bytes_out"] == PACKETS * IP_BYTES
    assert row["coverage_out"] == pytest.approx(row["expected_out_high"], abs=0.01)
    assert row["expected_out_low"] < row["expected_out_high"] < 1
    assert row["counted_share"] == 1.0
    assert (row["name"], row["capacity_out"]) == ("wire", 10_000_000_000)
    assert found.warnings == []


def describe(lake: Path, port: int, access: str) -> None:
    file = lake / "snmp.toml"
    file.touch(mode=0o600)
    file.write_text(f'[edge]\naddress = "127.0.0.1"\nport = {port}\n{access}\n')


def poll_at(wire: Cable, lake: Path) -> list[dict[str, object]]:
    command = [*wire.here, sys.executable, "-m", "tidegauge", "counters", "poll", "--lake", str(lake)]
    told = subprocess.run([*command, "--format", "json"], check=True, capture_output=True).stdout
    return msgspec.json.decode(told, type=list[dict[str, object]])


def softflowd_meters(wire: Cable, folder: Path) -> list[bytes]:
    """NetFlow v5 of what goes over the wire; tcpdump reads it, as in ``test_live_exporter``."""
    dump = [*wire.here, find_peer("tcpdump"), "-i", wire.interface, "--immediate-mode", "-U", "-w", "-"]
    dump += ["-s", "128", "-B", "32768", "-c", str(PACKETS), "udp dst port 9"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(1.0)
        meter = [find_peer("softflowd"), "-r", "/dev/stdin", "-v", "5", "-d", "-c", "none"]
        meter += ["-n", f"127.0.0.1:{listener.getsockname()[1]}", "-p", str(folder / "softflowd.pid")]
        quiet = subprocess.DEVNULL
        with (
            subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tcpdump,
            subprocess.Popen(meter, stdin=tcpdump.stdout, stdout=quiet, stderr=quiet) as softflowd,
        ):
            assert tcpdump.stderr is not None
            assert "listening on" in next(iter(tcpdump.stderr))
            talk = [sys.executable, "-c", TALK, wire.far_address, str(PACKETS), str(PAYLOAD)]
            try:
                subprocess.run([*wire.here, *talk], check=True)
                tcpdump.wait(timeout=20)
                softflowd.wait(timeout=20)
            finally:
                tcpdump.kill()
                softflowd.kill()
        return received(listener)


def leaving_by(interface: int, datagram: bytes) -> bytes:
    """Say by which interface the flows left: reading from a pipe, softflowd cannot know."""
    header, record, place = 24, 48, 14
    told = bytearray(datagram)
    for begin in range(header, len(told), record):
        told[begin + place : begin + place + 2] = interface.to_bytes(2)
    return bytes(told)


def spread_over_a_minute(lake: Lake) -> int:
    """Move the second reading to a minute after the first, and return when that was: a test cannot wait."""
    names = InterfaceSample.__struct_fields__
    with lake.generation() as generation, Engine(generation) as engine, samples_seen(engine, lake):
        rows = engine.rows(f"SELECT {', '.join(map(_selected, names))} FROM counters WHERE name = 'wire'")
    first, second = sorted(
        (InterfaceSample(**dict(zip(names, row, strict=True))) for row in rows), key=lambda it: it.received
    )
    for file in (lake.path / "counters").glob("*.parquet"):
        file.unlink()
    moved = msgspec.structs.replace(second, received=first.received + MINUTE)
    append(lake, [first, moved], second.received)
    return first.received


def _selected(name: str) -> str:
    if name == "exporter":
        return "CAST(exporter AS BLOB)"
    return f"epoch_ns({name})" if name in ("received", "counting_since") else name
