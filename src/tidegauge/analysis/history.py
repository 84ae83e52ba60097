"""History: what an answer says of the time whose flows are gone and whose sums are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.rolled_flows import touches
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.store.segment import ROLLED_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.rolled_flows import RolledFlows
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.segment import Segment

FIELDS = ROLLED_TABLES[1:-1]

OTHERWISE = (
    f"they tell top by {', '.join(FIELDS[:-1])} or {FIELDS[-1]}, and series in whole minutes by exporter, of"
    " bytes, packets and flows, with a filter for these alone, and without a direction or comparison"
)
"""The advice to whoever asks what no sums tell."""
ONCE = "--duplicates all counts what each observation point saw, which they tell"
"""The advice where only what counts once is not told."""
TOO_MANY = "there were nearly as many different values as flows"
"""The reason where sums of a field were not worth keeping."""


def history_sentences(
    history: Sequence[Segment],
    time_range: TimeRange,
    rolled: RolledFlows | None,
    removed_before: int | None,
    why: str,
) -> list[str]:
    """What is known from sums alone, and what is not known for want of more than these.

    ``history`` are the segments of the range whose flows are gone, ``why`` is said where they do not tell.
    """
    if not history or removed_before is None:
        return []
    told = (
        f"flows that arrived before {text_from_instant(removed_before)} are known by their hourly sums alone"
    )
    lived = [each for each in history if each.rollup and touches(each.rollup, time_range)]
    used = {each.path for each in (*rolled.past, *rolled.cut)} if rolled else set()
    sentences = []
    if used:
        cut = "; the hours that the range cuts are left out" if rolled and rolled.cut else ""
        sentences.append(f"{told}, at the times that their exporters told{cut}")
    left = [each for each in lived if each.rollup and each.rollup.path not in used]
    if left:
        rows = sum(each.rows for each in left)
        which = f"{rows:,} of the {told}" if used else f"{rows:,} {told}"
        sentences.append(f"{which}, which do not tell this; {why}")
    return sentences
