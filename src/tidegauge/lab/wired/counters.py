"""What the kernel of ``edge1`` counts for each person, at IP level: the truth about bytes and packets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegauge.lab.wired.namespaces import Place
    from tidegauge.lab.wired.network import Seat

TABLE = "office"


class Carried(NamedTuple):
    """What was carried to and from the internet for somebody."""

    bytes_up: int
    packets_up: int
    bytes_down: int
    packets_down: int


def count(router: Place, people: Sequence[Seat]) -> None:
    """Have the router count from now on what it forwards for each of them, before anything is translated."""
    rules = [f"counter {seat.name}_{way} {{}}" for seat in people for way in ("up", "down")] + [
        "chain counted {",
        "type filter hook forward priority filter;",
        *(f"ip saddr {seat.address} counter name {seat.name}_up" for seat in people),
        *(f"ip daddr {seat.address} counter name {seat.name}_down" for seat in people),
        "}",
    ]
    router.run("nft", "-f", "-", text="\n".join([f"table ip {TABLE} {{", *rules, "}", ""]))


def counted(router: Place, people: Sequence[Seat]) -> Mapping[str, Carried]:
    """Return what was carried so far, by name."""
    told = json.loads(router.run("nft", "--json", "list", "counters", "table", "ip", TABLE))
    counters = {
        entry["counter"]["name"]: entry["counter"] for entry in told["nftables"] if "counter" in entry
    }
    return {
        seat.name: Carried(
            *(counters[f"{seat.name}_{way}"][kind] for way in ("up", "down") for kind in ("bytes", "packets"))
        )
        for seat in people
    }
