"""Asking: what the commands that question a lake have in common."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from tidegauge.analysis.answer import Answer
from tidegauge.cli.options import CountingOptions, SharedOptions
from tidegauge.cli.output import refuse_mixed, write_answer
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def ask(
    question: Callable[[Lake, Query, int], Answer],
    options: SharedOptions,
    query: Query | None = None,
    columns: tuple[str, ...] = (),
) -> Answer:
    """Answer a question as of now and print it; ``query`` is what the shared options do not say.

    ``columns`` are those a table shows; without any, all. The answer is returned as well.
    """
    asked = msgspec.structs.replace(
        query or Query(),
        since=options["since"],
        until=options["until"],
        time_zone=options["time_zone"],
        top=options["limit"],
        order=options["order"],
    )
    refuse_mixed(options["format_name"], envelope=options["envelope"])
    lake, now = Lake.open(options["lake"]), time.time_ns()
    lake.has_rollups = not options.get("no_rollups", False)
    answer = lake.around_damage(lambda: question(lake, asked, now))
    write_answer(answer, options["format_name"], envelope=options["envelope"], columns=columns)
    return answer


def counting(query: Query, options: CountingOptions) -> Query:
    """The question with what ``counting_options`` say."""
    return msgspec.structs.replace(
        query,
        metrics=tuple(options["metrics"].split(",")),
        direction=options["direction"] or "",
        compare=options["compare"],
        having=options["having"],
        duplicates=options["duplicates"] or "",
    )
