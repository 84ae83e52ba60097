"""Groups: the metrics of flows that have the same keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tidegauge.query.intervals import unions
from tidegauge.query.measure import before
from tidegauge.query.peaks import peaks
from tidegauge.query.spreading import aggregate, began, ended

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegauge.query.measure import Measure
    from tidegauge.query.source import Source
    from tidegauge.query.traits import Traits

_USE = {"sessions": "sessions", "in_use": "in_use // 1000000000"}


@dataclass(frozen=True, slots=True)
class Groups:
    """How flows become groups: by which of a relation's columns, counted how.

    Flows are cut to the range of ``source`` unless ``is_cut`` says that they are. ``step`` is the width of
    the buckets that rates are taken over, where the question names one.
    """

    keys: Sequence[str]
    source: Source
    step: int | None = None
    weight: str = "weight"
    is_cut: bool = False

    def select(self, relation: str, *more: str) -> str:
        """A SELECT of the keys, every metric by its name, and the aggregates ``more``, from ``relation``.

        The relation is like the ``inside`` of ``tidegauge.query.source``. Without keys it gives one row.
        """
        grouping = f" GROUP BY {', '.join(self.keys)}" if self.keys else ""
        columns = ", ".join([*self.keys, *self._aggregates(), *more])
        # A question may ask for nothing that is counted flow by flow.
        counted = f"SELECT {columns or 'count(*)'} FROM {relation}{grouping}"
        joins = list(self._joins(relation))
        if not joins:
            return counted
        # One by one: where the joined relation has a key as well, some engines give counted.* longer names.
        own = [column.rpartition(" AS ")[2] for column in (*self.keys, *self._aggregates(), *more)]
        shown = [*(f"counted.{name} AS {name}" for name in own), *(names for names, _ in joins)]
        return f"SELECT {', '.join(shown)} FROM ({counted}) AS counted {' '.join(join for _, join in joins)}"

    @property
    def _range(self) -> tuple[str, str]:
        return ("", "") if self.is_cut else (self.source.since, self.source.until)

    @property
    def _traits(self) -> Traits:
        # A flow weighs nothing in all of its pieces but one, so these have to be weighed.
        return replace(self.source.traits, has_reverse=True) if self.is_cut else self.source.traits

    def _aggregates(self) -> Iterator[str]:
        for index, measure in enumerate(self.source.measures):
            if measure.is_aggregate:
                yield aggregate(index, measure, *self._range, self.weight, self._traits)
            elif measure.kind == "share":
                yield f'CAST(NULL AS DOUBLE) AS "{measure.name}"'

    def _joins(self, relation: str) -> Iterator[tuple[str, str]]:
        """What no aggregate over flows can give: its columns, and the join that brings them."""
        since, until = self._range
        measures = self.source.measures
        used = [f'{_USE[each.kind]} AS "{each.name}"' for each in measures if each.kind in _USE]
        if used:
            spans = ", ".join([*self.keys, f"{began(since)} AS begun", f"{ended(until)} AS ended"])
            united = unions(f"(SELECT {spans} FROM {relation})", self.keys)
            yield ", ".join(used), self._join("used", united)
        for index, measure in enumerate(measures):
            if measure.kind in ("peak", "p95"):
                numbered, parameters = (index, measure), self.source.parameters
                rate = peaks(
                    relation, self.keys, numbered, parameters, step=self.step, since=since, until=until
                )
                yield f'"{measure.name}"', self._join(f"rate_{index}", rate)

    def _join(self, name: str, select: str) -> str:
        return f"LEFT JOIN ({select}) AS {name} ON {same_keys(self.keys, 'counted', name)}"


def same_keys(keys: Sequence[str], left: str, right: str) -> str:
    """The condition that rows of two relations are about the same group; absent keys are equal."""
    return " AND ".join(f"{left}.{key} IS NOT DISTINCT FROM {right}.{key}" for key in keys) or "TRUE"


def with_earlier(measures: Sequence[Measure], keys: Sequence[str], *, is_full: bool = False) -> str:
    """A SELECT of ``grouped``, and of ``earlier`` what the same groups came to; nothing is 0 for a count.

    Where ``is_full``, groups of the earlier range alone have a row as well.
    """
    columns = [_either(key) if is_full else f"grouped.{key}" for key in keys]
    counted = [measure for measure in measures if measure.kind != "share"]
    columns += [_counted(measure, "grouped", measure.name) for measure in counted]
    columns += [
        _counted(measure, "earlier", then.name)
        for measure, then in zip(counted, before(counted), strict=True)
    ]
    columns += [f'grouped."{measure.name}"' for measure in measures if measure.kind == "share"]
    join = f"{'FULL' if is_full else 'LEFT'} JOIN earlier ON {same_keys(keys, 'grouped', 'earlier')}"
    return f"SELECT {', '.join(columns)} FROM grouped {join}"


def _either(key: str) -> str:
    # A null key may be that of a group; its bucket never is.
    return f"CASE WHEN grouped.bucket IS NULL THEN earlier.{key} ELSE grouped.{key} END AS {key}"


def _counted(measure: Measure, relation: str, name: str) -> str:
    column = f'{relation}."{measure.name}"'
    return f'{column if measure.of_nothing is None else f"coalesce({column}, 0)"} AS "{name}"'
