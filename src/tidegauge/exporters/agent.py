"""SNMP agents: which exporters to ask for their interface counters, as somebody wrote it down.

    [router-1]
    address = "192.0.2.1"
    community = { env = "ROUTER_COMMUNITY" }

    [core]
    address = "2001:db8::1"
    exporter = "192.0.2.2"
    user = "tidegauge"
    auth = "sha256"
    auth_password = { file = "/etc/tidegauge/core.auth" }
    privacy = "aes128"
    privacy_password = { file = "/etc/tidegauge/core.privacy" }

A ``community`` means SNMPv2c, a ``user`` SNMPv3. ``exporter`` is the address that its flows come from,
where that is another.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, cast

import msgspec

from tidegauge.clock.duration_text import duration_from_text, text_from_duration
from tidegauge.flow.addresses import address_from_text

if TYPE_CHECKING:
    from collections.abc import Callable

AuthProtocol = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
PrivacyProtocol = Literal["des", "aes128", "aes192", "aes256"]

SECOND = 1_000_000_000
SHORTEST_EVERY, LONGEST_EVERY = 10 * SECOND, 3600 * SECOND
LONGEST_TIMEOUT = 30 * SECOND
SHORTEST_PASSWORD = 8
"""RFC 3414 makes no keys of shorter ones."""


class Elsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret really is: in an environment variable, or in a file of its own."""

    env: str | None = None
    file: str | None = None


Secret: TypeAlias = str | Elsewhere


@dataclass(frozen=True, slots=True)
class Community:
    """The word that SNMPv2c lets in by; it crosses the network as it is."""

    word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """Who asks by SNMPv3; without a protocol nothing is proven, or nothing is hidden."""

    name: str
    auth: AuthProtocol | None = None
    auth_password: str = field(default="", repr=False)
    privacy: PrivacyProtocol | None = None
    privacy_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """One to ask. ``exporter`` is 16 bytes; ``every`` and ``timeout`` are nanoseconds."""

    name: str
    address: str
    port: int
    exporter: bytes
    access: Community | User
    every: int
    timeout: int


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: str
    port: Annotated[int, msgspec.Meta(gt=0, lt=2**16)] = 161
    exporter: str | None = None
    community: Secret | None = None
    user: str | None = None
    auth: AuthProtocol | None = None
    auth_password: Secret | None = None
    privacy: PrivacyProtocol | None = None
    privacy_password: Secret | None = None
    every: str = "60s"
    timeout: str = "2s"


def agents_from_text(text: str, reveal: Callable[[Secret], str]) -> list[Agent]:
    """Read a file of agents; ``reveal`` fetches a secret. Raises ValueError where an entry is wrong."""
    return [_agent(name, entry, reveal) for name, entry in tomllib.loads(text).items()]


def _agent(name: str, entry: object, reveal: Callable[[Secret], str]) -> Agent:
    try:
        read = msgspec.convert(entry, _Entry)
        address_from_text(read.address)
        exporter = address_from_text(read.exporter or read.address)
        return Agent(
            name,
            read.address,
            read.port,
            exporter.to_bytes(16, "big"),
            _access(read, reveal),
            _duration("every", read.every, SHORTEST_EVERY, LONGEST_EVERY),
            _duration("timeout", read.timeout, 1, LONGEST_TIMEOUT),
        )
    except ValueError as error:
        raise ValueError(f"agent {name!r}: {error}") from None


def _access(read: _Entry, reveal: Callable[[Secret], str]) -> Community | User:
    if (read.community is None) == (read.user is None):
        raise ValueError("give either a community (SNMPv2c) or a user (SNMPv3)")
    if read.community is not None:
        return Community(reveal(read.community))
    if read.privacy and not read.auth:
        raise ValueError("privacy needs auth: SNMPv3 hides nothing from somebody it does not know")
    auth_password = _password("auth", read.auth, read.auth_password, reveal)
    privacy_password = _password("privacy", read.privacy, read.privacy_password, reveal)
    return User(cast("str", read.user), read.auth, auth_password, read.privacy, privacy_password)


def _password(word: str, protocol: str | None, secret: Secret | None, reveal: Callable[[Secret], str]) -> str:
    if (protocol is None) != (secret is None):
        raise ValueError(f"{word} and {word}_password go together")
    if secret is None:
        return ""
    password = reveal(secret)
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"{word}_password has fewer than {SHORTEST_PASSWORD} letters, which SNMPv3 refuses")
    return password


def _duration(word: str, text: str, shortest: int, longest: int) -> int:
    duration = duration_from_text(text)
    if not shortest <= duration <= longest:
        limits = f"{text_from_duration(shortest)} to {text_from_duration(longest)}"
        raise ValueError(f"{word} is {text}; from {limits} make sense")
    return duration
