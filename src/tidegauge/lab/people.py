"""Who works in the office, and what they carry: a laptop and a phone each.

Networks: 192.168.10.0/24 and fd10:0:10::/64 for people, 192.168.20.0/24 and fd10:0:20::/64 for
servers and printers. Servers have addresses of their own; everybody else is lent one (``dhcp``).
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
# Their phones make up a MAC address for each network, so no inventory can know them; some tell their
# name to the DHCP server, some tell nothing.
RANDOMISING = {"Emma": "Emmas-iPhone", "Mia": "Mias-iPhone", "Leon": "Galaxy-S24", "Omar": "", "Chloe": ""}
# Her browser asks for names over HTTPS (RFC 8484): the office's resolver never hears of them.
HIDES_NAMES = "Elena"

LAPTOP_VENDOR = "3c:2c:30"
PHONE_VENDOR = "a4:83:e7"
TABLET_VENDOR = "8c:f5:a3"
SERVER_VENDOR = "00:25:90"


@dataclass(frozen=True, slots=True)
class Device:
    """Something with a network card.

    ``ipv4`` is its own for ever, or, where addresses ``is_lent``, the one it had yesterday and asks for
    again; None where it is new here. ``ipv6`` never changes; None where it makes up a new one every day.
    ``host_name`` is what it tells the DHCP server, empty where it tells nothing.
    """

    name: str
    mac: str
    ipv4: bytes | None = None
    ipv6: bytes | None = None
    host_name: str = ""
    is_lent: bool = True
    hides_names: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """One of the fifty."""

    name: str
    department: str
    laptop: Device
    phone: Device


def _people() -> tuple[Person, ...]:
    seats = [(name, department) for department, names in DEPARTMENTS.items() for name in names.split()]
    return tuple(
        Person(name, department, _laptop(name, seat), _phone(name, seat))
        for seat, (name, department) in enumerate(seats)
    )


def _laptop(name: str, seat: int) -> Device:
    own = f"{name.lower()}-laptop"
    mac = f"{LAPTOP_VENDOR}:00:10:{seat:02x}"
    return Device(own, mac, *_lent(10 + seat), host_name=own, hides_names=name == HIDES_NAMES)


def _phone(name: str, seat: int) -> Device:
    own = f"{name.lower()}-phone"
    ipv4, ipv6 = _lent(110 + seat)
    if name in RANDOMISING:
        return Device(own, f"da:a1:19:5e:{seat:02x}:07", ipv4, host_name=RANDOMISING[name])
    return Device(own, f"{PHONE_VENDOR}:00:20:{seat:02x}", ipv4, ipv6, host_name=own)


def _lent(host: int) -> tuple[bytes, bytes]:
    return packed(f"192.168.10.{host}"), packed(f"fd10:0:10::{host:x}")


def _server(name: str, host: int) -> Device:
    mac = f"{SERVER_VENDOR}:00:00:{host:02x}"
    return Device(name, mac, packed(f"192.168.20.{host}"), packed(f"fd10:0:20::{host}"), is_lent=False)


PEOPLE = _people()
RESOLVER = _server("resolver", 53)
FILE_SERVER = _server("file-server", 10)
PRINTER = _server("printer", 20)
INTRANET = _server("intranet", 30)
DIRECTORY = _server("directory", 5)
SERVERS = (DIRECTORY, FILE_SERVER, PRINTER, INTRANET, RESOLVER)

# Nobody's: a meeting-room laptop that caught something. It is what scans the servers at night.
MEETING_ROOM_LAPTOP = Device(
    "meeting-room-laptop", f"{LAPTOP_VENDOR}:00:10:c8", *_lent(200), host_name="meeting-room-laptop"
)
# They come when others have left, and are lent what those had.
TABLET = Device("ravi-tablet", f"{TABLET_VENDOR}:00:30:01", host_name="ravi-tablet")
VISITOR_PHONE = Device("visitor-phone", "7e:10:5c:91:e0:44", host_name="Pixel-9")
GUARD_PHONE = Device("guard-phone", "c6:02:77:1d:30:9b", host_name="guard-phone")


def person(name: str) -> Person:
    """Return the person of a name; KeyError when nobody is called so."""
    for candidate in PEOPLE:
        if candidate.name == name:
            return candidate
    raise KeyError(name)
