"""How connections of exporters are taken: how many, how long silent, and by which certificates."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidegauge.receiving.listen_address import ListenAddress


DEFAULT_CONNECTIONS = 1024
IDLE_SECONDS = 1800.0
MAXIMUM_CONNECTIONS = 16_384
"""The decoder tells no more sessions apart."""


class StreamSettings(NamedTuple):
    """Connections beyond ``maximum_connections`` are refused, silent ones closed after ``idle_seconds``.

    TLS needs ``tls_certificate`` (a chain) and its ``tls_key``. With ``tls_trusted`` only exporters are
    admitted who show a certificate that one of those signed. All are files of PEM.
    """

    maximum_connections: int = DEFAULT_CONNECTIONS
    idle_seconds: float = IDLE_SECONDS
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_trusted: Path | None = None

    def check(self, addresses: Iterable[ListenAddress]) -> None:
        """See that these addresses can be listened at so. Raises ValueError with a sentence."""
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("TLS needs both a certificate and its key: tls_certificate and tls_key")
        for address in addresses:
            if address.transport == "tls" and not self.tls_certificate:
                raise ValueError(f"{address} needs a certificate and its key: tls_certificate and tls_key")

    def context(self) -> ssl.SSLContext:
        """The server's side of TLS, as the files say it now. Raises OSError where one cannot be used."""
        if not (self.tls_certificate and self.tls_key):
            raise OSError("TLS needs a certificate and its key")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.tls_certificate, self.tls_key)
        except OSError as error:
            files = f"{self.tls_certificate} and its key {self.tls_key}"
            raise OSError(f"{files} cannot be used for TLS: {error.strerror or error}") from None
        if self.tls_trusted:
            try:
                context.load_verify_locations(self.tls_trusted)
            except OSError as error:
                reason = error.strerror or error
                raise OSError(f"{self.tls_trusted} holds no certificates to trust: {reason}") from None
            context.verify_mode = ssl.CERT_REQUIRED
        return context
