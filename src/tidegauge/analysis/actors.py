"""Actors: the names of those that findings are about, as of the time they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegauge.analysis.naming import provide
from tidegauge.flow.addresses import address_from_text, uuid_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.finding import Finding
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake

# The holder that begins last among those that overlap: who has the address when the trouble ends.
_SQL = """
WITH asked AS (
  SELECT unnest($numbers) AS number, CAST(unnest($addresses) AS UUID) AS address,
    unnest($since) AS first_seen, unnest($until) AS last_seen
)
SELECT number, arg_max({person: person, machine: machine, team: team}, holders.since)
FROM asked JOIN holders ON holders.address = asked.address
  AND holders.since <= last_seen AND holders.until > first_seen
WHERE coalesce(person, machine) IS NOT NULL
GROUP BY number"""


class Holder(NamedTuple):
    """Who had an address; None is what nobody said."""

    person: str | None = None
    machine: str | None = None
    team: str | None = None


NOBODY = Holder()


def holders_of(findings: Sequence[Finding], engine: Engine, lake: Lake) -> list[Holder]:
    """Who held the address of each finding's actor."""
    if not findings:
        return []
    since = min(finding.first_seen for finding in findings)
    until = max(finding.last_seen for finding in findings) + 1
    provide(engine, lake, ["src_holder"], since, until)
    values = {
        "numbers": list(range(len(findings))),
        "addresses": [uuid_text(address_from_text(finding.actor)) for finding in findings],
        "since": [finding.first_seen for finding in findings],
        "until": [finding.last_seen for finding in findings],
    }
    told = {number: Holder(**who) for number, who in engine.rows(_SQL, values)}
    return [told.get(number, NOBODY) for number in range(len(findings))]


def named(finding: Finding, holder: Holder) -> Finding:
    """The finding with ``actor_name``: the person who held the address, else the machine."""
    name = holder.person or holder.machine or finding.actor_name
    return msgspec.structs.replace(finding, actor_name=name)
