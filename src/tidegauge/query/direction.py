"""Which way flows went: out of the home networks, into them, or any way."""

from __future__ import annotations

from tidegauge.query.error import QuestionError

DIRECTIONS = {
    "": "",
    "up": "is_home(src_addr) AND NOT is_home(dst_addr)",
    "down": "is_home(dst_addr) AND NOT is_home(src_addr)",
}


def with_direction(where: str, direction: str) -> str:
    """The condition ``where``, for flows of a direction only; those within home and past it have none.

    Raises QuestionError for an unknown direction.
    """
    if direction not in DIRECTIONS:
        raise QuestionError(f"direction is 'up' (out of the home networks) or 'down', not {direction!r}")
    return f"({where}) AND {DIRECTIONS[direction]}" if direction else where
