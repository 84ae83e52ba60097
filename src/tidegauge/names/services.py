"""What people call a site, and what it is for: ``rr3.sn-4g5e.googlevideo.com`` is YouTube, streaming.

The table is data. What comes with tidegauge can be added to, or overruled, in the lake's
``names/services.toml``, which has the same form.
"""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HIDDEN = "hidden"
"""The category of names that stand for a way to hide names: the outer name of an encrypted hello
(RFC 9849), resolvers spoken to over HTTPS. Which site is behind one cannot be known."""
WEBMAIL = "webmail"
"""The category of mail read in a browser: what is done there, such as how many mails, cannot be known."""


class ServicesError(ValueError):
    """A table of services cannot be read; the message says at which place, and why."""


class Service(NamedTuple):
    """What a site belongs to, and what that is for."""

    name: str
    category: str


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: str
    sites: tuple[str, ...]


class Services:
    """Services by site; a site stands for itself and for all names below it."""

    def __init__(self, by_site: Mapping[str, Service]) -> None:
        self._by_site = by_site

    def of(self, name: str) -> Service | None:
        """The service of a name: that of the longest site which fits, None where none does.

        >>> shipped_services().of("rr3.sn-4g5e.googlevideo.com")
        Service(name='YouTube', category='streaming')
        """
        while name not in self._by_site:
            _, dot, name = name.partition(".")
            if not dot:
                return None
        return self._by_site[name]

    def is_hidden(self, name: str) -> bool:
        """Whether the name only says that the real one is hidden."""
        service = self.of(name)
        return service is not None and service.category == HIDDEN

    @property
    def hidden_names(self) -> tuple[str, ...]:
        """The names of the table that only say that the real one is hidden."""
        return tuple(name for name, service in self._by_site.items() if service.category == HIDDEN)

    def with_more(self, more: Services) -> Services:
        """These, added to and overruled by ``more``."""
        return Services({**self._by_site, **more._by_site})


@cache
def shipped_services() -> Services:
    """The table that comes with tidegauge."""
    return services_from_text((files("tidegauge.names") / "services.toml").read_text("utf-8"))


def read_services(path: Path) -> Services:
    """The shipped table, with a user's own where there is one. Raises ServicesError with the place."""
    try:
        return shipped_services().with_more(services_from_text(path.read_text("utf-8")))
    except FileNotFoundError:
        return shipped_services()
    except (ServicesError, UnicodeDecodeError) as error:
        raise ServicesError(f"{path}: {error}") from None


@lru_cache(maxsize=4)
def services_from_text(text: str) -> Services:
    """Read a table: each service is a TOML table with its ``category`` and its ``sites``.

    Raises ServicesError for anything else, and for a site that belongs to two services.
    """
    by_site: dict[str, Service] = {}
    try:
        for name, content in tomllib.loads(text).items():
            entry = _entry(name, content)
            for site in entry.sites:
                service = Service(name, entry.category)
                if (other := by_site.setdefault(site.lower().strip("."), service)) != service:
                    raise ServicesError(f"{name}: {site!r} belongs to {other.name!r} already")
    except tomllib.TOMLDecodeError as error:
        raise ServicesError(str(error)) from None
    return Services(by_site)


def _entry(name: str, content: object) -> _Entry:
    try:
        return msgspec.convert(content, _Entry)
    except msgspec.ValidationError as error:
        raise ServicesError(f"{name}: {error}") from None
