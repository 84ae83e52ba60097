"""Sessions: when somebody was at something, short silences included.

A session is a union, not a sum: two connections open at once are one presence, and a silence shorter than
``PAUSE`` does not end it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.fields import FIELDS
from tidegauge.query.error import QuestionError
from tidegauge.query.grouping import Key
from tidegauge.query.intervals import PAUSE
from tidegauge.query.ranking import key_select, limit, source_of
from tidegauge.query.spreading import began, ended, share
from tidegauge.query.statement import Column, Statement, ordered
from tidegauge.query.traits import UNKNOWN, Traits

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

DEFAULT_BY = ("user", "service")
DEFAULT_LIMIT = 100
METRICS = ("bytes", "bytes_up", "bytes_down")
EACH = "session"
"""The word in ``by`` that asks for every session by itself."""

SUBMISSION_PORTS = (25, 465, 587)
SMALLEST_MAIL_BYTES = 500
"""What a client sends, headers included, to hand in the shortest mail in the clear: less was no mail."""

_NEAR_IS_SOURCE = "near_is_source(src_addr, dst_addr, src_port, dst_port)"
_HTTPS = 443

_CATEGORY_FIELD = next(field for field in FIELDS if field.name == "category")
_CATEGORY = Column("category", "text")
_NOTED = (Column("mails", "uint64", "mails"), Column("webmail_sessions", "uint64"))
_COUNTED = tuple(Column(name, "uint64", "bytes") for name in METRICS)
_SECONDS = Column("seconds", "float64", "seconds")
_OF_GROUP = (
    Column("sessions", "uint64"),
    _SECONDS,
    *_COUNTED,
    Column("first_seen", "instant"),
    Column("last_seen", "instant"),
)
_OF_SESSION = (Column("start", "instant"), Column("end", "instant"), _SECONDS, *_COUNTED)
_FALLING = frozenset({"sessions", "seconds", *METRICS, "mails"})

_WEBMAIL = Column("is_webmail", "boolean")
_SUBMISSION_KEY = Key(
    Column("submission", "uint64"),
    f"CASE WHEN protocol = 6 AND dst_port IN {SUBMISSION_PORTS} AND bytes >= {SMALLEST_MAIL_BYTES} "
    f"AND {_NEAR_IS_SOURCE} THEN hash(src_addr, src_port, dst_addr, dst_port) END",
)
_NAMES = frozenset({"site", "service", "category"})
# What a site is for is looked up only where the question speaks of sites.
_NAMELESS = (Key(_CATEGORY, "CAST(NULL AS VARCHAR)"), Key(_WEBMAIL, "FALSE"), _SUBMISSION_KEY)


def grouping_of(query: Query) -> Query:
    """The question as all parts of its answer ask it: by person and service unless it says otherwise."""
    by = tuple(words for words in query.by if words.strip() != EACH) or DEFAULT_BY
    return msgspec.structs.replace(query, by=by, metrics=METRICS)


def is_each(query: Query) -> bool:
    """Whether every session is asked for by itself."""
    return any(words.strip() == EACH for words in query.by)


def sessions(
    query: Query, time_range: TimeRange, traits: Traits = UNKNOWN, *, is_each: bool = False
) -> Statement:
    """A row for each group, the most bytes first, or where ``is_each`` for each session, the earliest first.

    After the keys comes ``category`` where services are asked about. At the end come ``mails``, which counts
    the connections that handed in at least one and is null without any, and ``webmail_sessions``, within
    which mails cannot be counted. Flows, and so sessions, are cut to the range. Raises QuestionError.
    """
    source = source_of(grouping_of(query), time_range, traits)
    keys = source.keys
    names = tuple(f"k{index}" for index in range(len(keys)))
    is_named = any(field.name in _NAMES for key in keys for field in key.fields)
    wide = replace(source, keys=(*keys, *(_named(source) if is_named else _NAMELESS)))
    is_categorised = is_named and all(key.column != _CATEGORY for key in keys)
    columns = (*([_CATEGORY] * is_categorised), *(_OF_SESSION if is_each else _OF_GROUP), *_NOTED)
    order = _order(query.order or ("start" if is_each else "bytes"), keys, columns)
    sql = f"""
        WITH {wide.inside()}, part AS ({_parts(wide)}), {_numbered(names)},
            each_session AS ({_each(names)}), each_group AS ({_group(names)})
        SELECT {", ".join([key_select(keys), *(f'"{shown.name}"' for shown in columns)])}
        FROM {"each_session" if is_each else "each_group"}
        ORDER BY {order}, {", ".join(names)} {limit(query.top, DEFAULT_LIMIT)}"""
    return Statement(sql, wide.parameters.values, (*(key.column for key in keys), *columns), wide.lookups)


def _named(source: Source) -> tuple[Key, ...]:
    """The keys that tell what a flow was for."""
    category = source.key(_CATEGORY_FIELD)
    is_webmail = f"""\
({category.sql} = 'webmail' OR {category.sql} = 'mail'
  AND CASE WHEN {_NEAR_IS_SOURCE} THEN dst_port ELSE src_port END = {_HTTPS})"""
    webmail = Key(_WEBMAIL, f"coalesce({is_webmail}, FALSE)", fields=category.fields)
    return category, webmail, _SUBMISSION_KEY


def _parts(source: Source) -> str:
    """Flows cut to the range; those that begin less than a pause apart are of one session, so one row."""
    *names, category, is_webmail, submission = (f"k{index}" for index in range(len(source.keys)))
    begun = began(source.since)
    counted = [
        f"sum({share(f'm{index}', source.since, source.until)}) AS {measure.name}"
        for index, measure in enumerate(source.measures)
    ]
    selected = [
        *names,
        f"min({begun}) AS begun",
        f"max({ended(source.until)}) AS ended",
        f"min({category}) AS category",
        f"bool_or({is_webmail}) AS is_webmail",
        f"list(DISTINCT {submission}) FILTER (WHERE {submission} IS NOT NULL) AS submissions",
        *counted,
    ]
    return f"SELECT {', '.join(selected)} FROM inside GROUP BY {', '.join(names)}, {begun} // {PAUSE}"


def _numbered(names: tuple[str, ...]) -> str:
    """The table ``numbered``: which session of its group each part belongs to."""
    within = f"OVER (PARTITION BY {', '.join(names)} ORDER BY begun ROWS"
    # A broken clock may put two flows further apart than 64 bits of nanoseconds reach.
    pause = f"CAST(begun AS HUGEINT) - max(ended) {within} BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    firsts = f"count(*) FILTER (WHERE (pause < {PAUSE}) IS NOT TRUE) {within} UNBOUNDED PRECEDING)"
    return f"""
        paused AS (SELECT *, {pause} AS pause FROM part),
        numbered AS (SELECT *, {firsts} AS number FROM paused)"""


def _each(names: tuple[str, ...]) -> str:
    sums = ", ".join(f"CAST(sum({name}) AS HUGEINT) AS {name}" for name in METRICS)
    return f"""
        SELECT {", ".join(names)}, min(category) AS category, min(begun) AS start, max(ended) AS "end",
            (CAST("end" AS HUGEINT) - start) / 1e9 AS seconds, {sums},
            nullif(len(list_distinct(flatten(list(submissions)))), 0) AS mails,
            CAST(bool_or(is_webmail) AS INTEGER) AS webmail_sessions
        FROM numbered GROUP BY {", ".join(names)}, number"""


def _group(names: tuple[str, ...]) -> str:
    sums = ", ".join(f"sum({name}) AS {name}" for name in METRICS)
    return f"""
        SELECT {", ".join(names)}, min(category) AS category, count(*) AS sessions,
            sum(CAST("end" AS HUGEINT) - start) / 1e9 AS seconds, {sums},
            min(start) AS first_seen, max("end") AS last_seen,
            sum(mails) AS mails, sum(webmail_sessions) AS webmail_sessions
        FROM each_session GROUP BY {", ".join(names)}"""


def _order(order: str, keys: tuple[Key, ...], columns: tuple[Column, ...]) -> str:
    names = {key.column.name: f"k{index}" for index, key in enumerate(keys)}
    names |= {shown.name: f'"{shown.name}"' for shown in columns}
    try:
        return ordered(names, order, _FALLING)
    except KeyError:
        raise QuestionError(
            f"cannot order sessions by {order!r}; the answer has {', '.join(names)}"
        ) from None
