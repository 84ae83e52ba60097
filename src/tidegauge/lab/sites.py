"""Where the office's traffic goes: services with their ports and the hosts that make them up, as data."""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.lab.address import packed
from tidegauge.lab.hosts import HOSTS, Host

TCP = 6
UDP = 17
HTTPS = 443

# The servers of 192.168.20.0/24 that exist.
SERVER_HOSTS = (5, 10, 20, 30, 53)

# What a program of its own uses, not a browser.
_PROGRAMS = {"chat", "mail", "meeting", "backup", "dns"}

# What people call what we use by several protocols, or under another name.
_CALLED = {
    "Microsoft365": "Outlook",
    "Webmail": "Gmail",
    "Gmail": "Gmail (mail program)",
    "Gmail-SMTP": "Gmail (mail program)",
    "WindowsUpdate": "Windows Update",
    "CloudBackup": "Amazon Web Services",
    "FileServer": "File server",
}


@dataclass(frozen=True, slots=True)
class Service:
    """Something people use over the network: by one of its hosts, or by address where it has no name."""

    name: str
    category: str
    protocol: int
    port: int
    hosts: tuple[Host, ...]

    @property
    def called(self) -> str:
        """What people call it, as far as a name tells; empty where there is none."""
        return _CALLED.get(self.name, self.name) if self.hosts else ""

    @property
    def is_browsed(self) -> bool:
        """Whether people reach it with a browser."""
        return self.port == HTTPS and (self.category not in _PROGRAMS or self.name == "Webmail")


# name, category, transport, port
_TABLE = """
YouTube       streaming     udp  443
Netflix       streaming     tcp  443
Spotify       streaming     tcp  443
Google        search        udp  443
Wikipedia     reference     tcp  443
BBC           news          tcp  443
Guardian      news          tcp  443
Amazon        shopping      tcp  443
LinkedIn      social        tcp  443
Instagram     social        udp  443
WhatsApp      chat          tcp 5222
Slack         chat          tcp  443
GitHub        development   tcp  443
PyPI          development   tcp  443
Salesforce    business      tcp  443
Figma         business      tcp  443
Microsoft365  business      tcp  443
Zoom          meeting       udp 8801
Webmail       mail          tcp  443
Gmail         mail          tcp  993
Gmail-SMTP    mail          tcp  587
Dropbox       files         tcp  443
Apple         updates       tcp  443
WindowsUpdate updates       tcp  443
CloudBackup   backup        tcp  443
SecureDNS     dns           tcp  443
PublicDNS     dns           udp   53
Resolver      dns           udp   53
FileServer    files         tcp  445
Printer       printing      tcp 9100
Intranet      business      tcp  443
Directory     login         tcp  389
ServerRoom    scan          tcp    0
"""

PUBLIC_RESOLVERS = tuple(packed(text) for text in ("9.9.9.9", "149.112.112.112"))


def _service(row: str) -> Service:
    name, category, transport, port = row.split()
    return Service(name, category, TCP if transport == "tcp" else UDP, int(port), HOSTS.get(name, ()))


SERVICES = {service.name: service for service in map(_service, _TABLE.strip().splitlines())}
