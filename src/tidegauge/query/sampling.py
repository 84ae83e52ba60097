"""Sampling: one packet in how many an exporter looked at, and when that was so.

What a record, its header or its session told when it came stands with the flow. For the rest there is the
relation ``sampling``: what people state, and what exporters announce in options records, each for a
stretch of time. A statement goes before what stands with the flow, that before an announcement.
Of several statements, or announcements, the one that says most exactly what it is about counts: a sampler,
an interface, a direction, the observation domain, the exporter.

An announcement holds until another comes. It also holds for what came before it, back to where its session
began, since templates and options follow a restart by some minutes; but no more than ``REACH``, for
who announces does so again and again, and a router that was silent for longer did not sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RELATION = "sampling"
COLUMNS = (
    "source VARCHAR, exporter UUID, observation_domain UINTEGER, sampler UBIGINT, interface UINTEGER,"
    " direction UTINYINT, sampled UINTEGER, since BIGINT, until BIGINT"
)
"""What says so, whom it is about (null for all), one packet in how many, from when until when."""

STATED, ANNOUNCED, RECORDED = "statement", "options", "records"
REACH = 3600 * 1_000_000_000
EVER, FOREVER = -(2**63) + 1, 2**63 - 1
_LARGEST = 2**32 - 1

INTERVAL = "sampling_interval"
FACTOR = f"greatest(coalesce({INTERVAL}, 1), 1)"
"""What a counter is multiplied by."""

UNNAMED = 2**64 - 1
"""Stands for the sampler of flows that name none: a router with a single one need not repeat its number."""

_SCOPES = ("sampler", "interface", "direction", "observation_domain")
_SCOPE_COLUMNS = f"exporter, {', '.join(_SCOPES)}"
_MOMENT = {
    STATED: 'epoch_ns(coalesce(reported.start, reported."end", reported.received))',
    ANNOUNCED: "epoch_ns(reported.received)",
}
# An interface's arrivals are metered where packets come in, its departures where they leave.
_OF_A_FLOW = {
    "interface": (
        "CASE WHEN reported.direction = 1 THEN reported.out_interface ELSE reported.in_interface END"
    ),
    "direction": "coalesce(reported.direction, 0)",
    "observation_domain": "reported.observation_domain",
}


def _number(elements: str, names: Iterable[str], type_: str = "UBIGINT") -> str:
    """The first value among a list of elements that goes by one of these names."""
    named = ", ".join(f"'{name}'" for name in names)
    return (
        f"TRY_CAST([element.value FOR element IN {elements} IF element.element IN ({named})][1] AS {type_})"
    )


SAMPLER = _number("other", ("samplerId", "selectorId"))
"""Which sampler a flow says it was picked by; 0 is none."""

_SPEAKS_OF_IT = """list_has_any([element.element FOR element IN other], [
    'samplingInterval', 'samplerRandomInterval', 'samplingPacketInterval', 'samplingTimeInterval',
    'samplingPopulation', 'samplingProbability'])"""
IS_ANNOUNCED = f"SELECT EXISTS (FROM options WHERE {_SPEAKS_OF_IT})"
"""Whether any exporter announces anything; most lakes need no more than this."""

_READ = {
    "plain": _number("elements", ["samplingInterval"]),
    "random": _number("elements", ["samplerRandomInterval"]),
    "packets_taken": _number("elements", ["samplingPacketInterval"]),
    "packets_left": _number("elements", ["samplingPacketSpace"]),
    "time_taken": _number("elements", ["samplingTimeInterval"]),
    "time_left": _number("elements", ["samplingTimeSpace"]),
    "size": _number("elements", ["samplingSize"]),
    "population": _number("elements", ["samplingPopulation"]),
    "probability": _number("elements", ["samplingProbability"], "DOUBLE"),
    "domain": _number("elements", ["observationDomainId"], "UINTEGER"),
    "sampler": _number("elements", ("samplerId", "selectorId")),
    "ingress": _number("elements", ("interface", "ingressInterface"), "UINTEGER"),
    "egress": _number("elements", ["egressInterface"], "UINTEGER"),
    "told_direction": _number("elements", ["flowDirection"], "UTINYINT"),
}


def _nearest(numerator: str, denominator: str) -> str:
    divisor = f"nullif(CAST({denominator} AS HUGEINT), 0)"
    return f"({numerator} + {divisor} // 2) // {divisor}"


_SAMPLED = f"""coalesce(
        nullif(plain, 0), nullif(random, 0),
        {_nearest("CAST(packets_taken AS HUGEINT) + packets_left", "packets_taken")},
        {_nearest("CAST(time_taken AS HUGEINT) + time_left", "time_taken")},
        {_nearest("nullif(CAST(population AS HUGEINT), 0)", "size")},
        CASE WHEN probability > 0 AND probability <= 1
            THEN CAST(least(round(1 / probability), {_LARGEST}) AS HUGEINT) END,
        nullif(packets_taken, 0))"""

# In domain 0 an exporter may speak of another domain.
ANNOUNCEMENTS = f"""
WITH told AS (
    SELECT epoch_ns(received) AS told_at, exporter, observation_domain, list_concat(scope, other) AS elements
    FROM options WHERE {_SPEAKS_OF_IT}
), read AS (
    SELECT * EXCLUDE (elements), {", ".join(f"{sql} AS {name}" for name, sql in _READ.items())} FROM told
), said AS (
    SELECT told_at, exporter, sampler,
        CASE WHEN observation_domain = 0 THEN coalesce(domain, 0) ELSE observation_domain END
            AS observation_domain,
        nullif(coalesce(ingress, egress), 0) AS interface,
        coalesce(told_direction, CASE WHEN egress > 0 AND ingress IS NULL THEN 1 END) AS direction,
        {_SAMPLED} AS one_in
    FROM read
), clamped AS (
    SELECT * EXCLUDE (one_in), CAST(least(greatest(one_in, 1), {_LARGEST}) AS UINTEGER) AS sampled
    FROM said WHERE one_in IS NOT NULL
), followed AS (
    SELECT *, lag(sampled) OVER following AS former, lag(told_at) OVER following AS last_told
    FROM clamped
    WINDOW following AS (PARTITION BY {_SCOPE_COLUMNS} ORDER BY told_at, sampled)
), sessions AS (
    SELECT exporter, observation_domain, epoch_ns(min(minute)) AS began
    FROM ledger WHERE exporter IS NOT NULL
    GROUP BY exporter, observation_domain, port, protocol_version
), changes AS (
    SELECT followed.*, max(began) AS began
    FROM followed LEFT JOIN sessions ON sessions.exporter = followed.exporter
        AND sessions.observation_domain = followed.observation_domain
        AND began <= told_at AND began > coalesce(last_told, {EVER})
    WHERE former IS DISTINCT FROM sampled GROUP BY ALL
), placed AS (
    SELECT *, CASE WHEN former IS NOT NULL AND began IS NULL THEN told_at
        ELSE greatest(coalesce(began, told_at - {REACH}), told_at - {REACH}) END AS since
    FROM changes
), held AS (
    SELECT *, coalesce(lead(since) OVER scope, {FOREVER}) AS until,
        min(sampler) OVER domain = max(coalesce(sampler, {UNNAMED})) OVER domain AS is_only
    FROM placed
    WINDOW scope AS (PARTITION BY {_SCOPE_COLUMNS} ORDER BY since, told_at, sampled),
        domain AS (PARTITION BY exporter, observation_domain)
)
SELECT '{ANNOUNCED}', exporter, observation_domain, unnest(CASE WHEN is_only THEN [sampler, {UNNAMED}]
    ELSE [sampler] END), interface, direction, sampled, since, until
FROM held"""
"""The rows of ``sampling`` that exporters announced."""

RECORDS = f"""
WITH noted AS (
    SELECT exporter, observation_domain, epoch_ns(minute) AS minute,
        arg_max({INTERVAL}, last_received) AS sampled
    FROM ledger WHERE {INTERVAL} > 0 AND exporter IS NOT NULL
    GROUP BY ALL
), changed AS (
    SELECT *, lag(sampled) OVER (PARTITION BY exporter, observation_domain ORDER BY minute) AS former
    FROM noted
)
SELECT '{RECORDED}', exporter, observation_domain, NULL, NULL, NULL, sampled, minute,
    coalesce(lead(minute) OVER (PARTITION BY exporter, observation_domain ORDER BY minute), {FOREVER})
FROM changed ANTI JOIN {RELATION} AS told ON told.source = '{ANNOUNCED}' AND told.exporter = changed.exporter
    AND told.observation_domain = changed.observation_domain
WHERE former IS DISTINCT FROM sampled"""
"""The same of exporters that announce nothing, whose headers and records say it: known to the minute."""

IS_MISSING = f"""
SELECT EXISTS (FROM flows SEMI JOIN {RELATION} USING (exporter) WHERE coalesce({INTERVAL}, 0) = 0)"""
"""Whether there are flows without an interval of an exporter of which something is known."""

SHAPES = f"""
SELECT DISTINCT source, {", ".join(f"{scope} IS NOT NULL" for scope in _SCOPES)} FROM {RELATION}
ORDER BY source DESC, {", ".join(f"{number} DESC" for number in range(2, 2 + len(_SCOPES)))}"""
"""What the rows of ``sampling`` are about, those that count most first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows of one source that are about the same things."""

    source: str
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, row: tuple[str | bool, ...]) -> Shape:
        """A row of ``SHAPES``."""
        source, *present = row
        return cls(str(source), tuple(scope for scope, is_in in zip(_SCOPES, present, strict=True) if is_in))

    def join(self, name: str) -> str:
        """A join that finds at most one row for each of the flows ``reported``."""
        same = [f"{name}.source = '{self.source}'", f"{name}.exporter = reported.exporter"]
        same += [f"{name}.{scope} = {self._of_a_flow(scope)}" for scope in self.scopes]
        same += [f"{name}.{scope} IS NULL" for scope in _SCOPES if scope not in self.scopes]
        moment = _MOMENT[self.source]
        same.append(f"{moment} >= {name}.since AND {moment} < {name}.until")
        return f"LEFT JOIN {RELATION} AS {name} ON {' AND '.join(same)}"

    def _of_a_flow(self, scope: str) -> str:
        # To read every element of every flow is slow; most know their interval without.
        return _OF_A_FLOW.get(scope) or (
            f"CASE WHEN coalesce(reported.{INTERVAL}, 0) = 0 THEN coalesce({SAMPLER}, {UNNAMED}) END"
        )


def resolved(shapes: Iterable[Shape]) -> str:
    """A SELECT of the flows ``reported`` in which each has the interval that was in force.

    >>> print(resolved([]).partition(" REPLACE ")[2])
    (coalesce(nullif(reported.sampling_interval, 0)) AS sampling_interval) FROM reported
    """
    named = {f"sampling_{number}": shape for number, shape in enumerate(shapes)}
    stated = [f"{name}.sampled" for name, shape in named.items() if shape.source == STATED]
    announced = [f"{name}.sampled" for name, shape in named.items() if shape.source == ANNOUNCED]
    found = ", ".join([*stated, f"nullif(reported.{INTERVAL}, 0)", *announced])
    joined = " ".join(["reported", *(shape.join(name) for name, shape in named.items())])
    return f"SELECT reported.* REPLACE (coalesce({found}) AS {INTERVAL}) FROM {joined}"
