"""The addresses by which others may reach this machine, as its kernel lists them."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from pathlib import Path

_V4_TABLE = Path("/proc/net/fib_trie")
_V6_TABLE = Path("/proc/net/if_inet6")

_LOCAL_V4 = re.compile(r"\|-- (\S+)\n +/32 host LOCAL")


def own_addresses(host: str) -> list[str]:
    """Where clients reach a server that listens at ``host``: there, or at every address of its family.

    A server on ``::`` is reached over IPv4 as well. Empty where the kernel does not tell.
    """
    asked = ip_address(host)
    if not asked.is_unspecified:
        return [host]
    return local_v4() if asked.version == 4 else [*local_v4(), *local_v6()]  # noqa: PLR2004 -- IPv4


def local_v4() -> list[str]:
    """This machine's IPv4 addresses."""
    return list(dict.fromkeys(_LOCAL_V4.findall(_text(_V4_TABLE))))


def local_v6() -> list[str]:
    """This machine's IPv6 addresses."""
    return [str(IPv6Address(bytes.fromhex(line.split()[0]))) for line in _text(_V6_TABLE).splitlines()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
