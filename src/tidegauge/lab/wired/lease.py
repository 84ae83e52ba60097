"""Asking for an address by DHCP, as a program: ``python -m tidegauge.lab.wired.lease INTERFACE NAME``.

NAME is what the device calls itself. The interface gets the address, and the route that was told with it;
the address, and the resolver if one was told, are printed as JSON.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from pathlib import Path

from tidegauge.lab.wired.namespaces import checked

_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
_MASK, _ROUTER, _RESOLVER, _NAME, _WANTED, _KIND, _SERVER, _END = 1, 3, 6, 12, 50, 53, 54, 255
_COOKIE = bytes([99, 130, 83, 99])
_TRANSACTION = 0x7469_6465
_WANTS_BROADCAST = 0x8000
_YOURS, _OPTIONS = 16, 240
SECONDS = 10.0


def request(kind: int, mac: bytes, name: str, options: dict[int, bytes]) -> bytes:
    """A message of a client: BOOTP's fixed part and DHCP's options (RFC 2131)."""
    fixed = struct.pack(">BBBBIHH16s16s192s", 1, 1, 6, 0, _TRANSACTION, 0, _WANTS_BROADCAST, b"", mac, b"")
    all_options = {_KIND: bytes([kind]), _NAME: name.encode(), **options}
    told = b"".join(bytes([code, len(value)]) + value for code, value in all_options.items())
    return fixed + _COOKIE + told + bytes([_END])


def options_of(reply: bytes) -> dict[int, bytes]:
    """The options of a message, by their codes."""
    found, place = {}, _OPTIONS
    while reply[place] != _END:
        length = reply[place + 1]
        found[reply[place]] = reply[place + 2 : place + 2 + length]
        place += 2 + length
    return found


def leased(interface: str, name: str, port: int = 67) -> bytes:
    """Ask whoever answers for an address, and return the message that grants it. Raises TimeoutError."""
    mac = bytes.fromhex(Path(f"/sys/class/net/{interface}/address").read_text().replace(":", ""))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        wire.bind(("", 68))
        wire.settimeout(0.5)
        deadline = time.monotonic() + SECONDS
        offer = _answer(wire, port, request(_DISCOVER, mac, name, {}), _OFFER, deadline)
        chosen = {_WANTED: offer[_YOURS : _YOURS + 4], _SERVER: options_of(offer)[_SERVER]}
        return _answer(wire, port, request(_REQUEST, mac, name, chosen), _ACK, deadline)


def _answer(wire: socket.socket, port: int, message: bytes, kind: int, deadline: float) -> bytes:
    while time.monotonic() < deadline:
        wire.sendto(message, ("255.255.255.255", port))
        try:
            reply = wire.recv(2048)
        except TimeoutError:
            continue
        if options_of(reply).get(_KIND) == bytes([kind]):
            return reply
    raise TimeoutError(f"no DHCP server answered within {SECONDS:.0f} seconds")


def main() -> None:
    """Ask, and set the interface up as told."""
    interface, name = sys.argv[1:]
    reply = leased(interface, name)
    options = options_of(reply)
    address, router = map(socket.inet_ntoa, (reply[_YOURS : _YOURS + 4], options[_ROUTER][:4]))
    resolver = socket.inet_ntoa(options[_RESOLVER][:4]) if _RESOLVER in options else None
    prefix_length = int.from_bytes(options[_MASK], "big").bit_count()
    checked(["ip", "address", "replace", f"{address}/{prefix_length}", "dev", interface])
    checked(["ip", "route", "replace", "default", "via", router])
    print(json.dumps({"address": address, "resolver": resolver}))  # noqa: T201 -- this is a program


if __name__ == "__main__":
    main()
