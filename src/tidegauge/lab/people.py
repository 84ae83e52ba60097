"""Who works in the office, and what they carry: a laptop and a phone each.

Networks: 192.168.10.0/24 and fd10::/64 for people, 192.168.20.0/24 for servers and printers.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.lab.address import packed

PUBLIC_ADDRESS = packed("203.0.113.17")
OFFICE_PREFIX = packed("fd10:0:10::")[:6]
PUBLIC_PREFIX = packed("2001:db8:10::")[:6]

DEPARTMENTS = {
    "management": "Sarah Michael Laura",
    "sales": "John Emma Daniel Sophie Marco Anna Peter Julia Oliver Nina",
    "engineering": "Alex Priya Tomas Wei Hannah Lukas Fatima David Elena Ravi Mia Jonas Carla Omar Ines",
    "design": "Chloe Felix Yuki Paula Samuel",
    "support": "Grace Leon Amara Victor Zoe Martin Aisha Simon",
    "finance": "Helen Frank Maria Thomas",
    "operations": "Robert Katja Ibrahim Lena Paul",
}


@dataclass(frozen=True, slots=True)
class Device:
    """Something with an address; ``ipv6`` is None where it has only the one."""

    name: str
    ipv4: bytes
    ipv6: bytes | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One of the fifty."""

    name: str
    department: str
    laptop: Device
    phone: Device


def _device(name: str, host: int) -> Device:
    return Device(name, packed(f"192.168.10.{host}"), packed(f"fd10:0:10::{host:x}"))


def _people() -> tuple[Person, ...]:
    seats = [(name, department) for department, names in DEPARTMENTS.items() for name in names.split()]
    return tuple(
        Person(
            name,
            department,
            _device(f"{name.lower()}-laptop", 10 + seat),
            _device(f"{name.lower()}-phone", 110 + seat),
        )
        for seat, (name, department) in enumerate(seats)
    )


PEOPLE = _people()
# Nobody's: a meeting-room laptop that caught something. It is what scans the servers at night.
MEETING_ROOM_LAPTOP = _device("meeting-room-laptop", 200)
RESOLVER = Device("resolver", packed("192.168.20.53"), packed("fd10:0:20::53"))
FILE_SERVER = Device("file-server", packed("192.168.20.10"), packed("fd10:0:20::10"))


def person(name: str) -> Person:
    """Return the person of a name; KeyError when nobody is called so."""
    for candidate in PEOPLE:
        if candidate.name == name:
            return candidate
    raise KeyError(name)
