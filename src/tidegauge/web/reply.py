"""Replies: an answer as JSON with everything around it, or its rows alone in a format for tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from tidegauge.analysis.csv_text import csv_chunks
from tidegauge.store.engines.columnar import write_columnar

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from tidegauge.analysis.answer import Answer

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


def format_of(request: Request) -> str:
    """The format a request wants: by the suffix of its path, else by ``Accept``, else JSON."""
    suffix = request.url.path.rpartition(".")[2]
    if suffix in MEDIA_TYPES:
        return suffix
    accepted = request.headers.get("accept", "")
    return next((name for name, media in MEDIA_TYPES.items() if media in accepted), "json")


def written(answer: Answer, format_name: str) -> bytes:
    """An answer in a format: all of it as JSON, its rows alone in any other."""
    return _WRITERS[format_name](answer)


def content_reply(content: bytes, format_name: str, name: str) -> Response:
    """The response that carries what was written; ``name`` is what a saved file is called."""
    reply = Response(content, media_type=MEDIA_TYPES[format_name])
    reply.headers["cache-control"] = "no-cache"
    if format_name != "json":
        reply.headers["content-disposition"] = f'attachment; filename="{name}.{format_name}"'
    return reply


def _json(answer: Answer) -> bytes:
    return msgspec.json.encode(answer)


def _ndjson(answer: Answer) -> bytes:
    return msgspec.json.Encoder().encode_lines(answer.data)


def _columnar(format_name: str) -> Callable[[Answer], bytes]:
    def write(answer: Answer) -> bytes:
        stream = io.BytesIO()
        types = {column["name"]: column["type"] for column in answer.columns}
        write_columnar(answer.data, types, format_name, stream)
        return stream.getvalue()

    return write


def _csv(answer: Answer) -> bytes:
    return b"".join(csv_chunks(answer))


_WRITERS: dict[str, Callable[[Answer], bytes]] = {
    "json": _json,
    "csv": _csv,
    "ndjson": _ndjson,
    "parquet": _columnar("parquet"),
    "arrow": _columnar("arrow"),
}
