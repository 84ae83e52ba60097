"""Address ranges that belong to services, as their owners publish them.

Read are the shapes that the large ones use: Amazon's (``prefixes`` with ``ip_prefix`` and ``service``),
Google's (``prefixes`` with ``ipv4Prefix`` or ``ipv6Prefix``), Microsoft's (``values`` with
``addressPrefixes``), and plain text with a network in each line. Nothing is fetched: files are brought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tidegauge.flow.addresses import Network, network_from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CATEGORY = "cloud"
"""What a published range is for, where nobody says otherwise: somebody's servers."""
_PREFIX_KEYS = ("ip_prefix", "ipv6_prefix", "ipv4Prefix", "ipv6Prefix")


class RangesError(ValueError):
    """A file of ranges cannot be read; the message says why."""


class Range(NamedTuple):
    """Addresses from ``first`` to ``last``, both included, and what they belong to."""

    first: int
    last: int
    service: str
    category: str


def are_ranges(head: bytes) -> bool:
    """Whether a file that begins so may be one of these."""
    text = head.decode("utf-8", "replace")
    if text.lstrip()[:1] == "{":
        return any(f'"{key}"' in text for key in ("addressPrefixes", *_PREFIX_KEYS))
    entries = [line.partition("#")[0].strip() for line in text.splitlines()[:-1] or [text]]
    return any(entries) and all("/" in entry and " " not in entry for entry in entries if entry)


def ranges_from_published(content: bytes, owner: str) -> list[tuple[Network, str]]:
    """Networks and the service of each; where the file names none, that is ``owner``.

    Raises RangesError for what is no such file.

    >>> ranges_from_published(b'{"prefixes": [{"ipv4Prefix": "8.8.4.0/24"}]}', "Google")[0][1]
    'Google'
    """
    text = content.decode("utf-8", "replace")
    if text.lstrip()[:1] not in "{[":
        texts = [line.partition("#")[0].strip() for line in text.splitlines()]
        return [(_network(prefix), owner) for prefix in texts if prefix]
    try:
        published = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise RangesError(f"no JSON: {error}") from None
    found = [(_network(prefix), _service(owner, service)) for prefix, service in _prefixes(published)]
    if not found:
        raise RangesError("no prefixes of a known shape in it")
    return found


def disjoint(networks: Iterable[tuple[Network, str]], category: str = CATEGORY) -> Iterator[Range]:
    """Yield ranges by address that never overlap: of nested networks the smallest counts.

    >>> outer, inner = network_from_text("10.0.0.0/8"), network_from_text("10.1.0.0/16")
    >>> [found.service for found in disjoint([(outer, "a"), (inner, "b")])]
    ['a', 'b', 'a']
    """
    around: list[tuple[int, str]] = []
    place = 0
    ordered = sorted(networks, key=lambda pair: (pair[0].first, pair[0].length, pair[1]))
    for first, last, service in [*((n.first, n.last, s) for n, s in ordered), (1 << 128, 1 << 128, "")]:
        while around and around[-1][0] < first:
            end, inner = around.pop()
            if place <= end:
                yield Range(place, end, inner, category)
                place = end + 1
        if around and place < first:
            yield Range(place, first - 1, around[-1][1], category)
        place = max(place, first)
        around.append((last, service))


def _prefixes(published: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 (whatever JSON holds)
    if not isinstance(published, dict):
        return
    for key in ("prefixes", "ipv6_prefixes"):
        for entry in _dicts(published.get(key)):
            yield from ((entry[name], entry.get("service")) for name in _PREFIX_KEYS if name in entry)
    for entry in _dicts(published.get("values")):
        properties = entry.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get("addressPrefixes"), list):
            yield from ((prefix, entry.get("name")) for prefix in properties["addressPrefixes"])


def _dicts(entries: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 (the same)
    yield from (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()


def _service(owner: str, service: Any) -> str:  # noqa: ANN401 (the same)
    """What to call a part of the owner's network: ``AMAZON`` of Amazon is just Amazon."""
    if not isinstance(service, str) or not service or service.lower() == owner.lower():
        return owner
    return service if service.lower().startswith(owner.lower()) else f"{owner} {service}"


def _network(prefix: Any) -> Network:  # noqa: ANN401 (the same)
    try:
        return network_from_text(prefix)
    except (ValueError, TypeError, AttributeError):
        raise RangesError(f"{prefix!r} is no network") from None
