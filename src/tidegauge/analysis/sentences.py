"""Sentences: a row of sessions as somebody would tell it: "John watched YouTube for 30 minutes, 500 MB"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.wording import amount_words, count_words

if TYPE_CHECKING:
    from collections.abc import Mapping

SOMEBODY = "Somebody"
SOMETHING = "sites without a known service"
VERBS = {
    "streaming": "watched",
    "meetings": "met on",
    "chat": "chatted on",
    "social": "was on",
    "news": "read",
    "reference": "looked things up in",
    "search": "searched with",
    "assistants": "asked",
    "shopping": "shopped at",
    "travel": "planned travel with",
    "games": "played on",
    "development": "worked with",
    "business": "worked with",
    "remote access": "worked through",
}
"""What people do with the services of a category; with all others they use them."""

LISTENED_TO = frozenset(
    {"Spotify", "YouTube Music", "Apple Music", "SoundCloud", "Deezer", "Tidal", "Pandora", "Audible"}
)
"""Streaming without pictures."""

TRANSFERS = frozenset({"files", "downloads", "updates", "backup"})
"""Categories of which people tell how much went which way, rather than for how long."""

_WHO = ("user", "machine", "src_user", "src_machine", "team", "src_addr", "addr", "dst_addr")
_WHAT = ("service", "site", "application", "category")
_MINUTE = 60


def sentence(row: Mapping[str, Any]) -> str:
    """Tell one row: who, what, for how long, how much.

    >>> row = {"user": "John", "service": "YouTube", "category": "streaming", "seconds": 1800.0,
    ...        "bytes": 500_000_000, "bytes_up": 10_000_000, "bytes_down": 490_000_000, "mails": None}
    >>> sentence(row)
    'John watched YouTube for 30 minutes, 500 MB.'
    >>> sentence(row | {"service": "Gmail", "category": "mail", "mails": 3})
    'John sent at least 3 mails with Gmail, 500 MB.'
    """
    who, what = _first(row, _WHO) or SOMEBODY, _first(row, _WHAT) or SOMETHING
    amount = amount_words(row["bytes"] or 0)
    if row.get("mails"):
        return f"{who} sent at least {count_words(row['mails'], 'mail', 'mails')} with {what}, {amount}."
    category = row.get("category")
    time = time_words(row["seconds"])
    if category in TRANSFERS:
        return f"{who} {_transfer(row, what)} in {time}."
    verb = "listened to" if what in LISTENED_TO else VERBS.get(category or "", "used")
    return f"{who} {verb} {what} for {time}, {amount}."


def time_words(seconds: float) -> str:
    """A stay as people tell it: to the minute above two of them.

    >>> time_words(0.2), time_words(90), time_words(1802), time_words(8100)
    ('a second', '90 seconds', '30 minutes', '2 hours 15 minutes')
    """
    if seconds < 2 * _MINUTE:
        return "a second" if seconds <= 1 else f"{round(seconds)} seconds"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    if not hours:
        return f"{minutes} minutes"
    told = [count_words(hours, "hour", "hours")]
    return " ".join(told + [count_words(minutes, "minute", "minutes")] * bool(minutes))


def _transfer(row: Mapping[str, Any], what: str) -> str:
    up, down = row["bytes_up"] or 0, row["bytes_down"] or 0
    if up == down:
        return f"moved {amount_words(row['bytes'] or 0)} with {what}"
    if up > down:
        return f"uploaded {amount_words(up)} to {what}"
    return f"downloaded {amount_words(down)} from {what}"


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]) for name in names if row.get(name) is not None), "")
