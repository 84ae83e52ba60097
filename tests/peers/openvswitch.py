"""Open vSwitch in user space: a switch between two hosts, each in a namespace of its own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.peers.namespaces import ip
from tests.peers.recipes import arguments, recipe
from tests.surroundings import ROOT, find_peer

SWITCHD = ROOT / ".peers/openvswitch-switch/usr/lib/openvswitch-switch/ovs-vswitchd"
SCHEMA = ROOT / ".peers/openvswitch-switch/usr/share/openvswitch/vswitch.ovsschema"
START_SECONDS = 20.0


@dataclass(frozen=True)
class Switch:
    """What to put in front of a command to run it beside the switch or at a host; ``vsctl`` configures it."""

    here: tuple[str, ...]
    hosts: tuple[tuple[str, ...], tuple[str, ...]]
    addresses: tuple[str, str]
    vsctl: tuple[str, ...]

    def configure(self, *words: str) -> None:
        subprocess.run([*self.vsctl, *words], check=True, capture_output=True, timeout=START_SECONDS)

    def export(self, port: int, sampling: int, polling_seconds: int) -> None:
        """Let it send sFlow to a port of its own loopback, by the line of our page."""
        changes = {
            '"192.0.2.50:2055"': f'"127.0.0.1:{port}"', "agent=eth0": "agent=lo", "br0": "bridge",
            "sampling=400": f"sampling={sampling}", "polling=30": f"polling={polling_seconds}",
        }  # fmt: skip
        self.configure(*arguments(recipe("open-vswitch", "create sFlow", changes), "ovs-vsctl"))


@contextmanager
def switch(folder: Path) -> Iterator[Switch]:
    """Run a switch with two hosts at its ports until the block ends."""
    folder.mkdir()
    names = [f"tidegauge-{os.getpid()}-{end}" for end in ("switch", "one", "two")]
    addresses = ("192.0.2.17", "192.0.2.18")
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        for name, host_address, port in zip(names[1:], addresses, ("one", "two"), strict=True):
            ip("-n", names[0], "link", "add", port, "type", "veth", "peer", "name", "wire", "netns", name)
            ip("-n", names[0], "link", "set", port, "up")
            ip("-n", name, "address", "add", f"{host_address}/28", "dev", "wire")
            ip("-n", name, "link", "set", "wire", "up")
        here, one, two = (("ip", "netns", "exec", name) for name in names)
        with _daemons(folder, here) as vsctl:
            found = Switch(here, (one, two), addresses, vsctl)
            bridge = ["add-br", "bridge", "--", "set", "bridge", "bridge", "datapath_type=netdev"]
            found.configure(*bridge, "--", "add-port", "bridge", "one", "--", "add-port", "bridge", "two")
            yield found
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@contextmanager
def _daemons(folder: Path, place: Sequence[str]) -> Iterator[tuple[str, ...]]:
    database, socket = folder / "conf.db", f"unix:{folder / 'db.sock'}"
    surroundings = os.environ | {
        name: str(folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")
    }
    subprocess.run([find_peer("ovsdb-tool"), "create", str(database), str(SCHEMA)], check=True)
    vsctl = (find_peer("ovs-vsctl"), f"--db={socket}", "--timeout=15")
    server = [find_peer("ovsdb-server"), str(database), f"--remote=p{socket}", f"--unixctl={folder}/db.ctl"]
    daemon = [str(SWITCHD), socket, f"--unixctl={folder}/switch.ctl"]
    log = (folder / "log").open("w")
    running = []
    try:
        for command in (server, daemon):
            running.append(subprocess.Popen([*place, *command], stdout=log, stderr=log, env=surroundings))
            if command is server:
                _wait_for(folder / "db.sock")
                subprocess.run([*vsctl, "--no-wait", "init"], check=True, timeout=START_SECONDS)
        yield vsctl
    finally:
        for process in reversed(running):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=START_SECONDS)
            process.kill()
            process.wait()
        log.close()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.05)
