"""Names of well-known ports, for showing a port to people. A port says where a flow went, not what it was."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TCP, UDP = 6, 17
_TRANSPORTS = {"tcp": TCP, "udp": UDP}


def port_name(port: int, protocol: int) -> str | None:
    """The name of a service registered for a port; None where no common one is.

    >>> port_name(443, TCP), port_name(50_000, TCP)
    ('https', None)
    """
    return port_names().get((port, protocol))


@cache
def port_names() -> Mapping[tuple[int, int], str]:
    """The names of all common ports, by port and protocol."""
    with (files("tidegauge.names") / "ports.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            (int(row["port"]), _TRANSPORTS[transport]): row["name"]
            for row in rows
            for transport in row["transports"].split()
        }
