"""Told tables: what exporters say in options records, table by table, and when they said it last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.minutes import range_values
from tidegauge.clock.instant_text import instant_from_text, text_from_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine


class _Kind(NamedTuple):
    """A table with any of ``elements``; its entries differ in their ``keys``."""

    elements: tuple[str, ...]
    keys: tuple[str, ...] = ()


STATISTICS = "statistics"
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
    STATISTICS: _Kind(
        (
            "exportedOctetTotalCount", "exportedMessageTotalCount", "exportedFlowRecordTotalCount",
            "observedFlowTotalCount", "ignoredPacketTotalCount", "ignoredOctetTotalCount",
            "notSentFlowTotalCount", "notSentPacketTotalCount", "notSentOctetTotalCount",
            "droppedPacketTotalCount",
        )
    ),
    "boot time": _Kind(("systemInitTimeMilliseconds",)),
    "timeouts": _Kind(("flowActiveTimeout", "flowIdleTimeout")),
    "elements": _Kind(("informationElementName",), ("privateEnterpriseNumber", "informationElementId")),
    "dns answers": _Kind(("tidegaugeDnsName",)),
}  # fmt: skip
"""The tables that we know, by what people call them."""

OTHERS = "others"


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

    @property
    def names(self) -> set[str]:
        """What the tables are called."""
        return {name for name, *_ in self.tables}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_KEYS = _quoted(key for kind in KINDS.values() for key in kind.keys)
_BOOT = "systemInitTimeMilliseconds"

# Records of one template are alike, and may be many: what they are is told by one of them.
_SQL = f"""
WITH told AS (
    SELECT exporter, observation_domain, protocol_version, epoch_ns(received) AS told_at,
        list_concat(scope, other) AS elements, [element.element FOR element IN elements] AS names
    FROM options
    WHERE ($since IS NULL OR epoch_ns(received) >= $since) AND ($until IS NULL OR epoch_ns(received) < $until)
)
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, names, max(told_at),
    arg_max([element.value FOR element IN elements IF element.element = '{_BOOT}'][1], told_at),
    list_sort(list(DISTINCT
        [[element.element, element.value] FOR element IN elements IF element.element IN ({_KEYS})]))
FROM told GROUP BY ALL ORDER BY max(told_at), names"""


def told_tables(engine: Engine, time_range: TimeRange) -> dict[tuple[bytes, int, str], Told]:
    """What was told in a range, by exporter (16 bytes), observation domain and protocol version."""
    found: dict[tuple[bytes, int, str], _Found] = {}
    for exporter, domain, version, names, last, boot, entries in engine.rows(_SQL, range_values(time_range)):
        of_exporter = found.setdefault((exporter, domain, version), _Found())
        of_exporter.add({*names}, last, entries)
        if boot:
            of_exporter.boot_time = text_from_instant(instant_from_text(boot))
    return {key: of_exporter.told() for key, of_exporter in found.items()}


class _Found:
    """What was found of an exporter: when each table came last, and its entries."""

    def __init__(self) -> None:
        self.boot_time: str | None = None
        self._last: dict[str, int] = {}
        self._entries: dict[str, set[tuple[str, ...]]] = {}

    def add(self, names: set[str], last: int, entries: list[list[list[str]]]) -> None:
        """Add records of one template, with what their entries differ in."""
        kinds = [name for name, kind in KINDS.items() if names.intersection(kind.elements)] or [OTHERS]
        for name in kinds:
            self._last[name] = max(last, self._last.get(name, last))
            keys = KINDS[name].keys if name in KINDS else ()
            told = self._entries.setdefault(name, set())
            told.update(
                tuple(value for element, value in entry if element in keys) for entry in entries if keys
            )

    def told(self) -> Told:
        """All of it, in the order of ``KINDS``."""
        named = (name for name in (*KINDS, OTHERS) if name in self._last)
        return Told(
            self.boot_time, tuple((name, len(self._entries[name]), self._last[name]) for name in named)
        )
