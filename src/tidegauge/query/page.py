"""Pages: where one page of flows ended, written so that the next goes on exactly there.

Flows have no number, and files are merged while somebody turns pages, so a page cannot be "rows 101 to 200".
A place is told by what flows are ordered by: the field of the question, the fields that break ties, and at
last a hash of the whole flow. Flows that are equal in all of it are the same flow twice, and it does not
matter which of them was shown: the place says how many were. A cursor also keeps the range of the first
page, because words such as ``1h`` mean another one by now.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2s
from typing import TYPE_CHECKING

import msgspec

from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query

PlaceValue = int | str | None


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last flow of a page: the values flows are ordered by, and how many equal flows were shown.

    ``question`` tells whether a cursor belongs to a question; the range is absolute, in nanoseconds.
    """

    question: str
    since: int | None
    until: int | None
    values: tuple[PlaceValue, ...]
    shown: int


def place_of(query: Query) -> Place | None:
    """The place that the question's cursor means; None without one. Raises QuestionError."""
    if not query.cursor:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        place = msgspec.json.decode(urlsafe_b64decode(padded.encode()), type=Place)
    except ValueError:
        raise QuestionError(f"{query.cursor!r} is no cursor; take it from the answer before") from None
    if place.question != _fingerprint(query):
        raise QuestionError("the cursor belongs to another question; ask again without it")
    return place


def cursor_after(
    query: Query, time_range: TimeRange, places: Sequence[tuple[PlaceValue | bytes, ...]]
) -> str:
    """The cursor of the page after the one whose flows lie at ``places``."""
    last, before = places[-1], place_of(query)
    shown = next((count for count, place in enumerate(reversed(places)) if place != last), len(places))
    values = tuple(value.hex() if isinstance(value, bytes) else value for value in last)
    if before and shown == len(places) and before.values == values:
        shown += before.shown
    place = Place(_fingerprint(query), time_range.since, time_range.until, values, shown)
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _fingerprint(query: Query) -> str:
    """What tells questions apart, short. The number of rows may change from page to page."""
    same = msgspec.structs.replace(query, cursor="", top=None)
    return blake2s(msgspec.json.encode(same), digest_size=6).hexdigest()
