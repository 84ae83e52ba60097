"""The file a policy is written in: TOML, one ``[[rule]]`` after the other.

It is read strictly, because a misspelt rule that silently never fits looks like a network without violations.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.finding import Severity
from tidegauge.analysis.policy import (
    HIGHEST_PORT,
    HOLDER_FIELDS,
    Action,
    Place,
    Policy,
    PolicyError,
    Ports,
    Rule,
)
from tidegauge.analysis.weekly_hours import WeeklyHours, hours_from_texts
from tidegauge.clock.instant_text import zone_from_name
from tidegauge.query.error import FilterError
from tidegauge.query.named_numbers import PROTOCOLS
from tidegauge.query.parser import parse
from tidegauge.query.syntax import And, Anything, Match, Not, Or, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

FILE_NAME = "policy.toml"

_PORTED = ("tcp", "udp", "sctp", "dccp", "udplite")
_PORTS = re.compile(r"(?:(?P<protocol>[a-z][a-z0-9]*)(?:/(?=\d)|$))?(?:(?P<first>\d+)(?:-(?P<last>\d+))?)?")
_RULE_HEADER = re.compile(r"^[ \t]*\[\[\s*rule\s*\]\]", re.MULTILINE)
_POLICY_KEYS = ("default", "time_zone", "macros", "rule")
_RULE_KEYS = ("name", "action", "from", "to", "ports", "when", "why", "severity")


def read_policy(folder: Path) -> Policy | None:
    """The policy of a lake, None where it has none. Raises PolicyError, and OSError."""
    path = folder / FILE_NAME
    return policy_from_file(path) if path.exists() else None


def policy_from_file(path: Path) -> Policy:
    """Read the policy in a file. Raises PolicyError, and OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} is no text in UTF-8: {error}") from None
    return policy_from_text(text, str(path))


def policy_from_text(text: str, place: str = FILE_NAME) -> Policy:
    """Read a policy; ``place`` is the name errors give the file. Raises PolicyError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{place}: {error}") from None
    return _Reader(
        document, place, [text.count("\n", 0, it.start()) + 1 for it in _RULE_HEADER.finditer(text)]
    ).policy()


def end_from_text(text: str, macros: Mapping[str, str]) -> Place | Term:
    """Read who stands at one end of a connection. Raises FilterError, and ValueError."""
    if text.strip().lower() in set(Place):
        return Place(text.strip().lower())
    term = parse(text, macros).term
    if isinstance(term, Anything):
        return Place.ANY
    _require_one_address(term)
    return term


class _Reader:
    """A document being read, and where in the file its rules begin."""

    def __init__(self, document: dict[str, Any], place: str, lines: list[int]) -> None:
        self._document = document
        self._place = place
        self._lines = lines
        self._macros: Mapping[str, str] = {}

    def policy(self) -> Policy:
        self._told(self._place, lambda: _refuse_unknown(self._document, _POLICY_KEYS))
        self._macros = self._top("macros", _texts_by_name, {})
        rules = self._top("rule", _tables, [])
        return Policy(
            rules=tuple(self._rule(number, table) for number, table in enumerate(rules)),
            default=self._top("default", _action, Action.ALLOW),
            zone=self._top("time_zone", lambda value: zone_from_name(_text(value)), zone_from_name("UTC")),
        )

    def _top(self, key: str, read: Callable[[Any], Any], otherwise: Any) -> Any:  # noqa: ANN401 (TOML)
        if key not in self._document:
            return otherwise
        return self._told(f"{self._place}: {key}", lambda: read(self._document[key]))

    def _rule(self, number: int, table: dict[str, Any]) -> Rule:
        line = f":{self._lines[number]}" if number < len(self._lines) else ""
        name = table.get("name")
        place = f"{self._place}{line}: rule {number + 1}" + (f" ({name})" if isinstance(name, str) else "")
        self._told(place, lambda: _refuse_unknown(table, _RULE_KEYS))

        def value(key: str, read: Callable[[Any], Any], otherwise: Any = None) -> Any:  # noqa: ANN401 (TOML)
            if key not in table and otherwise is None:
                raise PolicyError(f"{place}: {key} is missing")
            return self._told(f"{place}: {key}", lambda: read(table[key])) if key in table else otherwise

        hours = value("when", lambda told: hours_from_texts(_texts(told)), WeeklyHours(()))
        return Rule(
            name=value("name", _text),
            action=value("action", _action),
            sources=value("from", self._ends, (Place.ANY,)),
            targets=value("to", self._ends, (Place.ANY,)),
            ports=value("ports", lambda told: tuple(map(_ports, _list(told))), ()),
            hours=hours if hours.spans else None,
            why=value("why", _text, ""),
            severity=value("severity", _severity, Severity.MEDIUM),
        )

    def _ends(self, told: object) -> tuple[Place | Term, ...]:
        return tuple(end_from_text(text, self._macros) for text in _texts(told))

    def _told(self, place: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 (whatever is read)
        """Read something; what is wrong with it is told with the place."""
        try:
            return read()
        except FilterError as error:
            raise PolicyError(f"{place}: {error}\n{error.picture}") from None
        except ValueError as error:
            raise PolicyError(f"{place}: {error}") from None


def _require_one_address(term: Term) -> None:
    if isinstance(term, Not):
        _require_one_address(term.term)
    elif isinstance(term, And | Or):
        for inner in term.terms:
            _require_one_address(inner)
    elif isinstance(term, Match) and not (term.operator == "=" and term.field in ("addr", *HOLDER_FIELDS)):
        raise ValueError(
            f"{term.field} {term.operator} … says nothing about one end; write any, home, outside, an "
            f"address, a network, or {', '.join(HOLDER_FIELDS)} and a name"
        )


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            raise ValueError(f"{key!r} means nothing here; {hint}")


def _list(told: object) -> list[Any]:
    return told if isinstance(told, list) else [told]


def _text(told: object) -> str:
    if not isinstance(told, str) or not told.strip():
        raise ValueError(f"{told!r} is no text")
    return told


def _texts(told: object) -> list[str]:
    return [_text(each) for each in _list(told)]


def _texts_by_name(told: object) -> dict[str, str]:
    if not isinstance(told, dict):
        raise ValueError("macros are a table: a name and a filter on each line")  # noqa: TRY004
    return {name.removeprefix("@"): _text(text) for name, text in told.items()}


def _tables(told: object) -> Iterable[dict[str, Any]]:
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise ValueError("each rule begins with a line [[rule]]")
    return told


def _action(told: object) -> Action:
    if told not in set(Action):
        raise ValueError(f"{told!r} is neither allow nor deny")
    return Action(str(told))


def _severity(told: object) -> Severity:
    if told not in set(Severity):
        raise ValueError(f"{told!r} is none of {', '.join(Severity)}")
    return Severity(str(told))


def _ports(told: object) -> Ports:
    """Ports as ``22``, ``8000-8100``, ``tcp/22``, ``udp/5000-5100`` or a protocol alone."""
    text = str(told).strip().lower() if isinstance(told, str) or type(told) is int else ""
    found = _PORTS.fullmatch(text)
    if found is None or not text or (found["protocol"] or "tcp") not in PROTOCOLS:
        raise ValueError(f"{told!r} are no ports; write 22, 8000-8100, tcp/22 or icmp")
    protocol = PROTOCOLS[found["protocol"]] if found["protocol"] else None
    if found["first"] is None:
        return Ports(protocol)
    first, last = int(found["first"]), int(found["last"] or found["first"])
    if not first <= last <= HIGHEST_PORT:
        raise ValueError(f"{told!r} are no ports: they go up to {HIGHEST_PORT}, the lower one first")
    if found["protocol"] and found["protocol"] not in _PORTED:
        raise ValueError(f"{told!r}: {found['protocol']} has no ports")
    return Ports(protocol, first, last)
