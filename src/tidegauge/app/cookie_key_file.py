"""The file of cookie keys, so that a restarted NTP server still knows its clients."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tidegauge.ntp.cookie_keys import CookieKeys
from tidegauge.store.durable import sync, whole

if TYPE_CHECKING:
    from pathlib import Path

NAME = "nts-cookie-keys.json"

_FOR_US_ALONE = 0o600


class CookieKeyFile:
    """Keeps the keys in a folder, or nowhere without one: then clients have to establish keys anew."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / NAME if folder else None

    def keys_at(self, now: int) -> CookieKeys:
        """The keys of ``now``: those of the file, with a new one when it is time. Raises OSError."""
        kept = self._read()
        keys = kept.rotated(now) if kept else CookieKeys.create(now)
        if keys is not kept:
            self.write(keys)
        return keys

    def write(self, keys: CookieKeys) -> None:
        """Keep these keys; nobody else can read them."""
        if self._path is None:
            return
        with whole(self._path) as partial:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FOR_US_ALONE)
            with open(descriptor, "wb") as file:  # noqa: PTH123 -- of a descriptor
                file.write(keys.to_json())
        sync(self._path.parent)

    def _read(self) -> CookieKeys | None:
        if self._path is None:
            return None
        try:
            return CookieKeys.from_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise OSError(f"{self._path}: {error}; remove it to start with new keys") from None
