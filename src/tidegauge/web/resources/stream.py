"""``/api/v1/stream``: server-sent events that tell an open page when to look again.

One way, plain HTTP, read by ``curl``: a WebSocket would add nothing but a second protocol.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import StreamingResponse

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.store.errors import LakeError
from tidegauge.web.problem import problem_from_error
from tidegauge.web.pulse import BEAT_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from tidegauge.web.pulse import Beat, Pulse

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": still here\n\n"


async def stream(request: Request) -> StreamingResponse:
    """Reply with the time, an event whenever the lake changed, and a comment when it did not for long."""
    state = request.app.state
    events = _events(state.pulse, state.stopping, state.reader.now())
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(pulse: Pulse, stopping: asyncio.Event, now: int) -> AsyncIterator[bytes]:
    # To look at the lake may take a while, and a page that stands with answers of before has to say so.
    yield _event("time", msgspec.json.encode({"time": text_from_instant(now)}))
    known: Beat | None = None
    silent_for = 0.0
    while not stopping.is_set():
        try:
            beat = await pulse.beat()
        except LakeError as error:
            yield _event("problem", msgspec.json.encode(problem_from_error(error)))
            silent_for = 0.0
        else:
            changed = beat.changes(known)
            if known is None or any(changed.values()) or beat.overview != known.overview:
                yield _event("beat", _payload(beat, changed))
                silent_for = 0.0
            known = beat
        if silent_for >= HEARTBEAT_SECONDS:
            yield HEARTBEAT
            silent_for = 0.0
        silent_for += BEAT_SECONDS
        await _pause(stopping)


def _payload(beat: Beat, changed: dict[str, bool]) -> bytes:
    fields = {"time": beat.time, "generation": beat.generation, "changed": changed, "overview": beat.overview}
    return msgspec.json.encode(fields)


async def _pause(stopping: asyncio.Event) -> None:
    # Not a plain sleep: a server that stops must not wait for its watchers.
    try:
        await asyncio.wait_for(stopping.wait(), BEAT_SECONDS)
    except TimeoutError:
        return


def _event(name: str, payload: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + payload + b"\n\n"
