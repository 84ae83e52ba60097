"""The keys of NTS cookies: what a client keeps for us, locked so that only we can open it.

A new key comes every day. Cookies are locked with the newest; older keys stay for clients that ask seldom.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400_000_000_000
KEY_BYTES = 32
NONCE_BYTES = 16
OLD_KEYS = 7


class CookieKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, the number that cookies name it by, and when it was made (nanoseconds since 1970)."""

    number: int
    secret: bytes
    made: int


@dataclass(frozen=True, slots=True)
class CookieKeys:
    """All keys in use, newest first; never none."""

    keys: tuple[CookieKey, ...]

    @classmethod
    def create(cls, now: int, chance: Callable[[int], bytes] = secrets.token_bytes) -> CookieKeys:
        """Start with one key, under a number that an earlier server is not likely to have used."""
        number = int.from_bytes(chance(4), "big")
        return cls((CookieKey(number=number, secret=chance(KEY_BYTES), made=now),))

    def rotated(self, now: int, chance: Callable[[int], bytes] = secrets.token_bytes) -> CookieKeys:
        """The keys of ``now``: the same ones, or with a new one in front when the newest is a day old.

        One that is of tomorrow was made before our clock was set back, and counts as old.
        """
        newest = self.keys[0]
        if abs(now - newest.made) < DAY:
            return self
        key = CookieKey(number=(newest.number + 1) % 2**32, secret=chance(KEY_BYTES), made=now)
        return CookieKeys((key, *self.keys[:OLD_KEYS]))

    def seal(self, client_to_server: bytes, server_to_client: bytes) -> bytes:
        """Lock a client's keys into a new cookie; the server's core opens it, and makes them alike."""
        key, nonce = self.keys[0], secrets.token_bytes(NONCE_BYTES)
        locked = AESSIV(key.secret).encrypt(client_to_server + server_to_client, [nonce])
        return key.number.to_bytes(4, "big") + nonce + locked

    def numbered(self) -> list[tuple[int, bytes]]:
        """Number and secret of each, newest first."""
        return [(key.number, key.secret) for key in self.keys]

    def to_json(self) -> bytes:
        """The keys as a file keeps them; whoever reads it can pass for this server."""
        return msgspec.json.encode(self.keys)

    @classmethod
    def from_json(cls, content: bytes) -> CookieKeys:
        """Read such a file. Raises ValueError when it is none."""
        keys = msgspec.json.decode(content, type=tuple[CookieKey, ...])
        if not keys or any(len(key.secret) != KEY_BYTES or not 0 <= key.number < 2**32 for key in keys):
            raise ValueError("it does not hold keys of cookies")
        return cls(keys)
