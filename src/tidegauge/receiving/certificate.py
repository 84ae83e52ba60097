"""The certificate that a listener shows: its files are read again when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    import ssl

    from tidegauge.receiving.stream_settings import StreamSettings

_log = Log(__name__)


class Certificate:
    """The server's side of TLS. What it was stays in force where new files cannot be used."""

    def __init__(self, settings: StreamSettings) -> None:
        """Raises OSError where the files cannot be used."""
        self._settings = settings
        self._context = settings.context()
        self._stamp = self._stamped()

    def context(self) -> ssl.SSLContext:
        """Of the files as they are now."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._context = self._settings.context()
            except OSError as error:
                _log.warning("a new certificate cannot be used; the old one stays in force", reason=error)
        return self._context

    def _stamped(self) -> list[tuple[int, int] | None]:
        settings = self._settings
        files = (settings.tls_certificate, settings.tls_key, settings.tls_trusted)
        found: list[tuple[int, int] | None] = []
        for file in filter(None, files):
            try:
                status = file.stat()
                found.append((status.st_mtime_ns, status.st_ino))
            except OSError:
                found.append(None)
        return found
