"""A DHCP client that asks for one lease and says its name: ``python dhcp_client.py INTERFACE NAME``."""

from __future__ import annotations

import socket
import struct
import sys
import time
from pathlib import Path

_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
_COOKIE = bytes([99, 130, 83, 99])
_TRANSACTION = 0x7469_6465


def message(kind: int, mac: bytes, name: str, *options: bytes) -> bytes:
    """BOOTP's fixed part, asking for the reply to be broadcast, and DHCP's options (RFC 2131)."""
    fixed = struct.pack(">BBBBIHH16s16s192s", 1, 1, 6, 0, _TRANSACTION, 0, 0x8000, b"", mac, b"")
    named = bytes([12, len(name)]) + name.encode()
    return fixed + _COOKIE + bytes([53, 1, kind]) + named + b"".join(options) + b"\xff"


def options_of(reply: bytes) -> dict[int, bytes]:
    found, place = {}, 240
    while reply[place] != 0xFF:
        found[reply[place]] = reply[place + 2 : place + 2 + reply[place + 1]]
        place += 2 + reply[place + 1]
    return found


def main() -> None:
    interface, name = sys.argv[1:]
    mac = bytes.fromhex(Path(f"/sys/class/net/{interface}/address").read_text().replace(":", ""))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        wire.bind(("", 68))
        wire.settimeout(0.5)

        def ask(request: bytes, answer: int) -> bytes:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                wire.sendto(request, ("255.255.255.255", 67))
                try:
                    reply = wire.recv(2048)
                except TimeoutError:
                    continue
                if options_of(reply).get(53) == bytes([answer]):
                    return reply
            raise TimeoutError("no DHCP server answers")

        offer = ask(message(_DISCOVER, mac, name), _OFFER)
        chosen = [bytes([50, 4]) + offer[16:20], bytes([54, 4]) + options_of(offer)[54]]
        ask(message(_REQUEST, mac, name, *chosen), _ACK)


if __name__ == "__main__":
    main()
