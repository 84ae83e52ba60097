"""Duplicates: the same packets seen by several observation points, counted once.

Two routers on one path both export a flow, and one router may meter it coming in and going out. Added
up, an office would seem to have twice its traffic. For each flow key and stretch of time one observation
point counts: the one that samples least, then the one that saw most packets, then the one with the
lowest address. What the others say stays in the lake; it is marked, and a question may count it all.

A stretch goes on while no quarter of an hour passes without the key: exporters cut long flows at
different moments, and clocks may be minutes apart. A point that saw only part of a stretch is not added
to one that saw more of it, so a flow that moved from one router to another in mid-life may be
counted too low.

A point that tells both sides of an address translation counts, and what others saw of the other side of
it is its echo: it alone knows whose the flow is. Where no point tells both, a flow before and after
translation counts twice. So does a record of both directions beside another point's record of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegauge.query.parameters import ParameterValue

QUARTER = 900 * 1_000_000_000
RELATION = "duplicates"
COLUMNS = "flow_key UBIGINT, point UBIGINT, first_quarter BIGINT, last_quarter BIGINT"

# Within one statement a hash of 64 bits stands for the five columns: comparing those took four times as long.
_KEY = "hash({0}src_addr, {0}dst_addr, {0}src_port, {0}dst_port, {0}protocol)"
# The same packets on the other side of a translation: what is the same there is left empty.
_OTHER_SIDE = (
    "hash(coalesce(nat_src_addr, src_addr), coalesce(nat_dst_addr, dst_addr),"
    " coalesce(nat_src_port, src_port), coalesce(nat_dst_port, dst_port), protocol)"
)
_IS_TRANSLATED = "coalesce(nat_src_addr, nat_dst_addr) IS NOT NULL"
# Said so that blocks without a translation, nearly all, are known by what their statistics tell.
_TRANSLATED = """(
    SELECT * FROM flows WHERE nat_src_addr IS NOT NULL UNION ALL
    SELECT * FROM flows WHERE nat_dst_addr IS NOT NULL AND nat_src_addr IS NULL)"""
NEEDED = """
    src_addr, dst_addr, src_port, dst_port, protocol, nat_src_addr, nat_dst_addr,
    exporter, observation_domain, direction, sampling_interval, packets, received, start, "end\""""
_POINT = "hash({0}exporter, {0}observation_domain, {0}direction)"
IS_TRAFFIC = "(nat_event IS NULL OR packets IS NOT NULL)"
"""The condition that a row is a flow. Events of address translation have a flow's key, but no packets."""
_MOMENT = 'epoch_ns(coalesce({0}start, {0}"end", {0}received))'


def _quarter(prefix: str = "") -> str:
    return f"{_MOMENT.format(prefix)} // {QUARTER}"


IS_DUPLICATE = (
    f"{RELATION}.flow_key = {_KEY.format('flows.')} AND {RELATION}.point = {_POINT.format('flows.')}"
    f" AND {_quarter('flows.')} BETWEEN {RELATION}.first_quarter AND {RELATION}.last_quarter"
)
"""The condition that a row of ``duplicates`` speaks of a row of ``flows``."""

_OF_THE_POINT = frozenset(
    {
        "exporter", "observation_domain", "protocol_version", "template_id", "direction", "duplicate",
        "in_interface", "out_interface", "next_hop", "sampling_interval", "received",
    }
)  # fmt: skip


def counted_once(relation: str = "flows") -> str:
    """The flows of a relation without those that another observation point already counts."""
    flows = relation if relation == "flows" else f"{relation} AS flows"
    return f"(SELECT flows.* FROM {flows} ANTI JOIN {RELATION} ON {IS_DUPLICATE})"


def concerns_points(fields: Iterable[str]) -> bool:
    """Whether a question about these fields is one about observation points: each then counts what it saw.

    >>> concerns_points(["src_addr"]), concerns_points(["exporter", "src_addr"])
    (False, True)
    """
    return not _OF_THE_POINT.isdisjoint(fields)


SEVERAL_EXPORTERS = "SELECT count(DISTINCT (exporter, observation_domain)) > 1 FROM ledger WHERE stored > 0"
SEVERAL_POINTS = f"""
SELECT ({SEVERAL_EXPORTERS}) OR coalesce((SELECT min(direction) <> max(direction) FROM flows), FALSE)"""
"""Whether flows were seen at more than one point: with one there is nothing to look for."""


def duplicates_between(
    since: int | None, until: int | None, flows_of: Callable[[Parameters], str] | None = None
) -> tuple[str, dict[str, ParameterValue]]:
    """The SELECT of the rows of ``duplicates``, and its values; the ends are nanoseconds, None where open.

    ``flows_of`` gives what all flows of a few keys are selected from; then nothing is said of others.
    """
    parameters = Parameters()
    conditions = ["src_addr IS NOT NULL", "dst_addr IS NOT NULL", IS_TRAFFIC]
    # A stretch that reaches over an end of the range must not look shorter than it is on either side of it.
    if since is not None:
        conditions.append(f"{_MOMENT.format('')} >= CAST({parameters.add(since)} AS BIGINT) - {96 * QUARTER}")
    if until is not None:
        conditions.append(f"{_MOMENT.format('')} < {parameters.add(until)}")
    key, where = _KEY.format(""), " AND ".join(conditions)
    asked, chosen = _asked(flows_of, where, parameters)
    # First the few keys that several points saw, by one number a flow: nearly all flows stop there.
    sql = f"""
        WITH {asked} translated AS MATERIALIZED (
            SELECT {_OTHER_SIDE} AS flow_key, {_POINT.format("")} AS point, {_quarter()} AS quarter,
                max(coalesce(sampling_interval, 1)) AS sampled
            FROM {_TRANSLATED} WHERE {where} GROUP BY ALL),
        shared AS MATERIALIZED (
            SELECT {key} AS flow_key FROM {chosen}
            GROUP BY flow_key HAVING min({_POINT.format("")}) <> max({_POINT.format("")})
            UNION SELECT flow_key FROM translated),
        seen AS (
            SELECT {key} AS flow_key, {_POINT.format("")} AS point, {_quarter()} AS quarter,
                any_value(exporter) AS exporter, any_value(observation_domain) AS observation_domain,
                any_value(direction) AS direction, max(coalesce(sampling_interval, 1)) AS sampled,
                sum(packets) AS packets, max({_IS_TRANSLATED}) AS is_translated
            FROM {chosen} AND {key} IN (SELECT flow_key FROM shared) GROUP BY ALL),
        stepped AS (
            SELECT *, quarter - lag(quarter) OVER (PARTITION BY flow_key ORDER BY quarter) > 1 AS is_new
            FROM seen),
        placed AS (
            SELECT *, count(*) FILTER (WHERE is_new)
                OVER (PARTITION BY flow_key ORDER BY quarter) AS stretch FROM stepped),
        told AS (
            SELECT flow_key, stretch, point, min(quarter) AS first_quarter, max(quarter) AS last_quarter,
                max(sampled) AS sampled, sum(packets) AS packets, any_value(exporter) AS exporter,
                any_value(observation_domain) AS observation_domain, any_value(direction) AS direction,
                max(is_translated) AS is_translated
            FROM placed GROUP BY flow_key, stretch, point),
        ranked AS (
            SELECT *, row_number() OVER (
                PARTITION BY flow_key, stretch ORDER BY sampled, packets DESC NULLS LAST,
                exporter NULLS LAST, observation_domain NULLS LAST, direction NULLS LAST) AS place
            FROM told),
        echoes AS (
            SELECT DISTINCT told.flow_key, told.stretch, told.point, TRUE AS is_echo
            FROM told JOIN translated ON translated.flow_key = told.flow_key
            WHERE translated.point <> told.point
                AND translated.quarter BETWEEN told.first_quarter - 1 AND told.last_quarter + 1
                AND translated.sampled <= told.sampled
                AND (NOT told.is_translated OR translated.point < told.point))
        SELECT flow_key, point, first_quarter, last_quarter
        FROM ranked LEFT JOIN echoes USING (flow_key, stretch, point)
        WHERE place > 1 OR is_echo"""
    return sql, parameters.values


def _asked(
    flows_of: Callable[[Parameters], str] | None, where: str, parameters: Parameters
) -> tuple[str, str]:
    """The flows of the asked keys as a relation to begin with, if not of all, and what to select from."""
    if flows_of is None:
        return "", f"flows WHERE {where}"
    flows = f"SELECT {NEEDED} FROM {flows_of(parameters)} WHERE {where}"
    return f"asked AS MATERIALIZED ({flows}),", "asked WHERE TRUE"
