"""The NTS side of an NTP server: keys that change every day, and a certificate that is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegauge.app.cookie_key_file import CookieKeyFile
    from tidegauge.ntp.key_server import KeyServer
    from tidegauge.ntp.server import VouchedServer


class KeyKeeping:
    """Cookie keys shared by who locks with them, the key server, and who unlocks, the NTP server.

    Those of ``now`` are taken from ``file``. Raises OSError.
    """

    def __init__(self, server: VouchedServer, file: CookieKeyFile, now: int) -> None:
        self._server = server
        self._file = file
        self._keys = file.keys_at(now)
        self.key_server: KeyServer | None = None
        server.accept_cookies(self._keys)

    def seal(self, client_to_server: bytes, server_to_client: bytes) -> bytes:
        """Make a cookie with the keys of now."""
        return self._keys.seal(client_to_server, server_to_client)

    def renew(self, now: int) -> None:
        """Change the keys when it is time, and take up a renewed certificate. Raises OSError."""
        keys = self._keys.rotated(now)
        if keys is not self._keys:
            self._file.write(keys)
            # First known to who unlocks, then used by who locks.
            self._server.accept_cookies(keys)
            self._keys = keys
        if self.key_server:
            self.key_server.refresh()

    def counters(self) -> dict[str, int]:
        """What became of the sessions that established keys."""
        return self.key_server.counters() if self.key_server else {}
