from __future__ import annotations

from tidegauge.analysis.history import OTHERWISE, TOO_MANY, history_sentences
from tidegauge.analysis.rolled_flows import RolledFlows
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.rolled import Rolled
from tidegauge.store.segment import HOUR, Rollup, Segment


def past(hour: int, rows: int) -> Segment:
    rollup = Rollup(path=f"{hour}.rollups", first=hour * HOUR, last=hour * HOUR + 5)
    return Segment(table="flows", path=f"{hour}.flows", rows=rows, rollup=rollup)


def rolled(*used: Segment, cut: tuple[Segment, ...] = ()) -> RolledFlows:
    whole, parts = (tuple(each.rollup for each in some if each.rollup) for some in (used, cut))
    return RolledFlows(Rolled("tos", ("tos",)), whole, frozenset(), TimeRange(), past=whole, cut=parts)


def test_what_is_known_by_sums_is_said_and_what_they_do_not_tell() -> None:
    one, other = past(1, rows=1000), past(2, rows=2500)
    assert history_sentences([], TimeRange(), None, None, OTHERWISE) == []
    [all_told] = history_sentences([one], TimeRange(), rolled(one), HOUR, TOO_MANY)
    assert all_told.startswith("flows that arrived before 1970-01-01T01:00:00.000000000Z are known")
    assert all_told.endswith("at the times that their exporters told")
    [cut] = history_sentences([one], TimeRange(), rolled(cut=(one,)), HOUR, TOO_MANY)
    assert cut.endswith("the hours that the range cuts are left out")
    [_, some] = history_sentences([one, other], TimeRange(), rolled(one), HOUR, TOO_MANY)
    assert some.startswith("2,500 of the flows")
    [none] = history_sentences([one, other], TimeRange(), None, HOUR, OTHERWISE)
    assert none.startswith("3,500 flows")
    assert "by exporter, src_addr, dst_addr" in none
    assert history_sentences([one], TimeRange(2 * HOUR), None, HOUR, OTHERWISE) == []
