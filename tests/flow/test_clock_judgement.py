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


def test_a_judgement_holds_until_an_edge_has_moved_a_quarter_of_its_width() -> None:
    def judged(low: int | None, high: int | None) -> ClockJudgement:
        return ClockJudgement(at=0, judge="sources", low=low, high=high)

    slow = judged(300_000, 300_400)
    assert slow.lasting == (299_900, 300_500)
    assert slow.holds_for(judged(299_900, 300_500))
    assert not slow.holds_for(judged(299_899, 300_400))
    assert not slow.holds_for(judged(300_000, 300_501))
    # So much better that it is worth a line.
    assert not slow.holds_for(judged(300_100, 300_399))
    assert not slow.holds_for(judged(None, None))
    assert not judged(None, None).holds_for(slow)
    assert judged(None, None).holds_for(judged(None, None))
    assert judged(None, None).lasting is None
