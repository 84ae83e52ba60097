from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.surroundings import find_peer
from tidegauge.lab.wired.lease import options_of, request
from tidegauge.lab.wired.namespaces import Place, checked, places

MAC = bytes.fromhex("020000000001")


def test_a_message_says_who_asks_for_what() -> None:
    message = request(1, MAC, "johns-laptop", {50: socket.inet_aton("192.0.2.2")})
    assert message[28:34] == MAC
    assert options_of(message) == {53: b"\x01", 12: b"johns-laptop", 50: b"\xc0\x00\x02\x02"}


@pytest.mark.peers
@pytest.mark.usefixtures("office_turn")
def test_a_real_server_lends_an_address_and_nobody_answering_is_an_error(tmp_path: Path) -> None:
    with places(["server", "laptop"]) as made:
        server, laptop = made["server"], made["laptop"]
        server.ip("link", "add", "lan", "type", "veth", "peer", "name", "wire", "netns", laptop.namespace)
        server.ip("address", "add", "192.0.2.1/24", "dev", "lan")
        server.ip("link", "set", "lan", "up")
        laptop.ip("link", "set", "wire", "up")
        command = server.command(find_peer("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null")
        command += [
            "--port=0",
            "--no-ping",
            "--interface=lan",
            "--user=root",
            "--pid-file=",
            "--bind-interfaces",
        ]
        command += ["--dhcp-range=192.0.2.7,192.0.2.7,1h", f"--dhcp-leasefile={tmp_path / 'leases'}"]
        with subprocess.Popen([*command, "--dhcp-option=6,192.0.2.1"], stderr=subprocess.DEVNULL) as dnsmasq:
            told = ask(laptop)
            dnsmasq.terminate()
        assert told == '{"address": "192.0.2.7", "resolver": "192.0.2.1"}\n'
        assert "default via 192.0.2.1" in checked(["ip", "-n", laptop.namespace, "route"])
        assert "johns-laptop" in (tmp_path / "leases").read_text()


def ask(laptop: Place) -> str:
    return laptop.run(sys.executable, "-m", "tidegauge.lab.wired.lease", "wire", "johns-laptop")
