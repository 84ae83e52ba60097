from __future__ import annotations

import msgspec
import pytest

from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query, chosen_step, refuse_unanswered, step_of


def test_a_question_survives_json() -> None:
    query = Query(filter="tcp", by=("src_addr", "dst_port"), top=5, since="1h")
    assert msgspec.json.decode(msgspec.json.encode(query), type=Query) == query


def test_unknown_parts_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="untill"):
        msgspec.json.decode(b'{"untill": "now"}', type=Query)


@pytest.mark.parametrize(("words", "seconds"), [(None, 60), ("5m", 300), ("1d", 86_400)])
def test_steps(words: str | None, seconds: int) -> None:
    assert step_of(Query(step=words)) == seconds * 1_000_000_000


@pytest.mark.parametrize("words", ["999ms", "0s", "soon", "60"])
def test_steps_that_make_no_sense(words: str) -> None:
    with pytest.raises(QuestionError, match="step"):
        step_of(Query(step=words))


def test_a_step_may_be_left_to_the_metric() -> None:
    assert chosen_step(Query()) is None
    assert chosen_step(Query(step="5m")) == 300 * 1_000_000_000


@pytest.mark.parametrize(
    "query",
    [
        Query(direction="up"),
        Query(compare="1w"),
        Query(having="bytes > 5"),
        Query(fill=True),
        Query(cursor="x"),
    ],
)
def test_what_an_answer_does_not_heed_is_refused(query: Query) -> None:
    with pytest.raises(QuestionError, match="leave it out"):
        refuse_unanswered(query)
    refuse_unanswered(query, ("direction", "compare", "having", "fill", "cursor"))
