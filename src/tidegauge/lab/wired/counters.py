"""What the kernel of ``edge1`` counts at IP level: the truth about bytes and packets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.lab.wired.namespaces import Place

TABLE, SET = "office", "carried"
MOST_PAIRS = 65_535

# What is forwarded is counted by its two ends, as they are in the office: before it is translated on its
# way out, and after that on its way back.
_RULES = f"""
table ip {TABLE} {{
    set {SET} {{
        type ipv4_addr . ipv4_addr
        size {MOST_PAIRS}
        flags dynamic
    }}
    chain counted {{
        type filter hook forward priority filter
        update @{SET} {{ ip saddr . ip daddr counter }}
    }}
}}
"""


class Carried(NamedTuple):
    """What was carried from somebody in the office and to them."""

    bytes_up: int
    packets_up: int
    bytes_down: int
    packets_down: int

    def plus(self, other: Carried) -> Carried:
        """Both together."""
        return Carried(*(one + another for one, another in zip(self, other, strict=True)))


NOTHING = Carried(0, 0, 0, 0)


def count(router: Place) -> None:
    """Have the router count from now on what it forwards."""
    router.run("nft", "-f", "-", text=_RULES)


def counted(router: Place) -> dict[tuple[str, str], tuple[int, int]]:
    """Return bytes and packets so far, by source and destination."""
    told = json.loads(router.run("nft", "--json", "list", "set", "ip", TABLE, SET))
    [found] = [entry["set"] for entry in told["nftables"] if "set" in entry]
    return {
        tuple(element["elem"]["val"]["concat"]): (
            element["elem"]["counter"]["bytes"],
            element["elem"]["counter"]["packets"],
        )
        for element in found.get("elem", [])
    }


def carried_for(address: str, counts: Mapping[tuple[str, str], tuple[int, int]]) -> dict[str, Carried]:
    """What was carried for whoever has this address, by whom it was from and to."""
    others = {other for pair in counts if address in pair for other in pair} - {address}
    return {
        other: Carried(*counts.get((address, other), (0, 0)), *counts.get((other, address), (0, 0)))
        for other in sorted(others)
    }
