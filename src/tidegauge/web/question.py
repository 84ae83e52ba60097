"""Questions: what HTTP can ask of the lake, each a path and the function that answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from tidegauge.web.kept_answers import Asked, age_accepted
from tidegauge.web.parameters import query_from_request
from tidegauge.web.reply import MEDIA_TYPES, content_reply, format_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake
    from tidegauge.web.kept_answers import KeptAnswers
    from tidegauge.web.reader import Reader


@dataclass(frozen=True, slots=True)
class Question:
    """One resource under ``/api/v1/``; ``summary`` is its line in the OpenAPI document."""

    name: str
    summary: str
    answer: Callable[[Lake, Query, int], Answer]

    def routes(self) -> list[Route]:
        """The plain path, which looks at ``Accept``, and one per suffix."""
        paths = [f"/{self.name}", *(f"/{self.name}.{suffix}" for suffix in MEDIA_TYPES)]
        return [Route(path, self.reply, methods=["GET", "POST"]) for path in paths]

    async def reply(self, request: Request) -> Response:
        """Answer over HTTP, with an answer of before where the request is content with one."""
        reader: Reader = request.app.state.reader
        answers: KeptAnswers = request.app.state.answers
        query, format_name = await query_from_request(request), format_of(request)
        asked, most_age, now = (
            Asked(self.answer, query, format_name),
            age_accepted(request.headers),
            time.monotonic(),
        )
        kept = None if most_age is None else answers.find(asked, most_age, now)
        if kept:
            content, age = kept
        else:
            state = answers.state
            with reader.answering():
                content, age = await reader.look_within(asked.answer, most_age or 0.0)
            if most_age is not None:
                answers.keep(asked, content, now - age, state)
        reply = content_reply(content, format_name, f"tidegauge-{self.name}")
        reply.headers["age"] = str(int(age))
        return reply
