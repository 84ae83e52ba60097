"""The truth about an office, as JSON: what was carried for whom, what they did, and what the way did."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.lab.wired.counters import NOTHING, Carried
from tidegauge.lab.wired.meters import CLOCK_OFFSET_SECONDS
from tidegauge.lab.wired.network import EDGE1, EDGE2, PUBLIC
from tidegauge.lab.wired.person import SCALE
from tidegauge.lab.wired.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegauge.lab.wired.person import Act

_NAMES = {site.address: site.name for site in SITES}


class Person(NamedTuple):
    """The truth about somebody: what was carried for them, by the address at the other end."""

    name: str
    mac: str
    address: str
    carried_by_address: Mapping[str, Carried]
    acts: Sequence[Act]

    @property
    def carried(self) -> Carried:
        """What was carried for them to and from everybody."""
        return reduce(Carried.plus, self.carried_by_address.values(), NOTHING)

    def seconds_at(self, site: str) -> float:
        """How long they were at a site, from their first act there to the end of the last one."""
        acts = [act for act in self.acts if act.site == site]
        return (max(act.end for act in acts) - min(act.start for act in acts)) / 1e9

    def least_seconds_at(self, site: str) -> float:
        """How long packets passed for certain, from the first connection there to the end of the last one."""
        acts = [act for act in self.acts if act.site == site]
        first = min(act.start if act.connected is None else act.connected for act in acts)
        return (max(act.end if act.closing is None else act.closing for act in acts) - first) / 1e9

    def to_json(self) -> dict[str, Any]:
        """As it is written into files."""
        visited = {act.site for act in self.acts}
        return {
            "name": self.name,
            "mac": self.mac,
            "address": self.address,
            **self.carried._asdict(),
            "sites": [
                {
                    "site": (site := _NAMES.get(address)),
                    "address": address,
                    **carried._asdict(),
                    "seconds": self.seconds_at(site) if site in visited else None,
                    "least_seconds": self.least_seconds_at(site) if site in visited else None,
                }
                for address, carried in self.carried_by_address.items()
            ],
            "acts": [asdict(act) for act in self.acts],
        }


@dataclass(frozen=True)
class Truth:
    """``path`` is what each way to the internet did, as ``tidegauge.lab.wired.path`` tells it."""

    people: Sequence[Person]
    guest: Person
    path: Sequence[Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """As it is written into files."""
        return {
            "scale": SCALE,
            "public_addresses": PUBLIC,
            "clocks": {EDGE1: 0, EDGE2: CLOCK_OFFSET_SECONDS},
            "people": [person.to_json() for person in self.people],
            "guest": self.guest.to_json(),
            "path": list(self.path),
        }

    def to_text(self) -> str:
        """As a file holds it."""
        return json.dumps(self.to_json(), indent=2) + "\n"
