"""Told tables: what exporters say in options records, table by table, and when they said it last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.instant_text import instant_from_text, text_from_instant

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine


class _Kind(NamedTuple):
    """A table with any of ``elements``; its entries differ in their ``keys``."""

    elements: tuple[str, ...]
    keys: tuple[str, ...] = ()


_INTERFACES = ("interface", "ingressInterface", "egressInterface")

KINDS = {
    "applications": _Kind(
        (
            "applicationName", "applicationDescription", "applicationCategoryName",
            "applicationSubCategoryName", "applicationGroupName",
        ),
        ("applicationId",),
    ),
    "interfaces": _Kind(("interfaceName", "interfaceDescription"), _INTERFACES),
    "vrfs": _Kind(("VRFname", "mplsVpnRouteDistinguisher"), ("ingressVRFID", "egressVRFID")),
    "samplers": _Kind(
        (
            "samplingInterval", "samplerRandomInterval", "samplingPacketInterval", "samplingTimeInterval",
            "samplingPopulation", "samplingProbability", "samplerName",
        ),
        ("samplerId", "selectorId", "flowDirection", *_INTERFACES),
    ),
    "statistics": _Kind(
        (
            "exportedOctetTotalCount", "exportedMessageTotalCount", "exportedFlowRecordTotalCount",
            "observedFlowTotalCount", "ignoredPacketTotalCount", "ignoredOctetTotalCount",
            "notSentFlowTotalCount", "notSentPacketTotalCount", "notSentOctetTotalCount",
        )
    ),
    "boot time": _Kind(("systemInitTimeMilliseconds",)),
    "timeouts": _Kind(("flowActiveTimeout", "flowIdleTimeout")),
    "elements": _Kind(("informationElementName",), ("privateEnterpriseNumber", "informationElementId")),
    "dns answers": _Kind(("tidegaugeDnsName",)),
}  # fmt: skip
"""The tables that we know, by what people call them."""

OTHERS = "others"
_BOOT = "systemInitTimeMilliseconds"


class Told(NamedTuple):
    """What an exporter told: when it booted, as text, and each table with its entries and its last record.

    Entries are 0 where a table has nothing to tell them apart by.
    """

    boot_time: str | None
    tables: tuple[tuple[str, int, int], ...]

    def __str__(self) -> str:
        """As people are told it.

        >>> print(Told(None, (("interfaces", 12, 0), ("statistics", 0, 0))))
        12 interfaces (1970-01-01T00:00:00Z); statistics (1970-01-01T00:00:00Z)
        """
        return "; ".join(
            f"{f'{entries} ' if entries else ''}{name} ({text_from_instant(last).partition('.')[0]}Z)"
            for name, entries, last in self.tables
        )


def _is_of(kind: _Kind) -> str:
    return f"list_has_any(names, [{_quoted(kind.elements)}])"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _measured(kind: _Kind) -> str:
    """When a table came last, and how many entries it has."""
    told = f"FILTER (WHERE {_is_of(kind)})"
    if not kind.keys:
        return f"max(told_at) {told}, 0"
    entry = f"[element.value FOR element IN elements IF element.element IN ({_quoted(kind.keys)})]"
    return f"max(told_at) {told}, count(DISTINCT {entry}) {told}"


_IS_OTHER = " AND ".join(f"NOT {_is_of(kind)}" for kind in KINDS.values())
_SQL = f"""
WITH told AS (
    SELECT CAST(exporter AS BLOB) AS exporter, observation_domain, protocol_version,
        epoch_ns(received) AS told_at, list_concat(scope, other) AS elements,
        [element.element FOR element IN elements] AS names
    FROM options WHERE $until IS NULL OR epoch_ns(received) < $until
)
SELECT exporter, observation_domain, protocol_version,
    arg_max([element.value FOR element IN elements IF element.element = '{_BOOT}'][1], told_at)
        FILTER (WHERE list_contains(names, '{_BOOT}')),
    {", ".join(map(_measured, KINDS.values()))}, max(told_at) FILTER (WHERE {_IS_OTHER}), 0
FROM told GROUP BY exporter, observation_domain, protocol_version"""


def told_tables(engine: Engine, until: int | None) -> dict[tuple[bytes, int, str], Told]:
    """What was told before ``until``, by exporter (16 bytes), observation domain and protocol version."""
    return {
        (exporter, domain, version): Told(boot and text_from_instant(instant_from_text(boot)), _tables(found))
        for exporter, domain, version, boot, *found in engine.rows(_SQL, {"until": until})
    }


def _tables(found: list[int | None]) -> tuple[tuple[str, int, int], ...]:
    measured = zip((*KINDS, OTHERS), found[::2], found[1::2], strict=True)
    return tuple((name, entries or 0, last) for name, last, entries in measured if last is not None)
