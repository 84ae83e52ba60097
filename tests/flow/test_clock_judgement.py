from __future__ import annotations

import msgspec

from tidegauge.flow.clock_judgement import ClockJudgement, SourceJudgement


def test_the_bound_is_the_greater_side() -> None:
    assert ClockJudgement(at=0, judge="sources", low=-3, high=9).bound == 9
    assert ClockJudgement(at=0, judge="none").bound is None


def test_a_judgement_survives_as_json() -> None:
    sources = (
        SourceJudgement(server="a", state="good", low=1, high=2, delay=3, reach=255, poll=6, stratum=1),
        SourceJudgement(server="b", state="undecided", complaint="why"),
    )
    judgement = ClockJudgement(at=5, judge="sources", low=1, high=2, step=7, sources=sources)
    assert msgspec.json.decode(msgspec.json.encode(judgement), type=ClockJudgement) == judgement
    assert (judgement.good_sources, judgement.is_undecided) == (1, True)
