"""How a probe exports: how long datagrams may be, and by which certificates it and collectors are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

ETHERNET_MTU = 1500
LEAST_MTU = 576
MOST_MTU = 9216
HEADER_BYTES = 40 + 8
"""Of IPv6 and UDP; those of IPv4 are shorter."""


class ExportSettings(NamedTuple):
    """Datagrams fit packets of ``mtu`` bytes, over IPv6 as well.

    ``observation_domain`` tells probes behind one address apart; in NetFlow v5 it is 256 times the engine's
    type plus its id.

    Over TLS a collector has to show a certificate for its name that ``tls_trusted`` signed, or else one that
    the system trusts. To one that asks for it we show ``tls_certificate``, with its ``tls_key``.
    """

    mtu: int = ETHERNET_MTU
    observation_domain: int = 0
    tls_trusted: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    @property
    def datagram_bytes(self) -> int:
        """The longest datagram."""
        return self.mtu - HEADER_BYTES

    def check(self) -> None:
        """See that a certificate comes with its key. Raises ValueError with a sentence."""
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("TLS needs both a certificate and its key: tls_certificate and tls_key")

    def context(self) -> ssl.SSLContext:
        """The client's side of TLS, as the files say it now. Raises OSError where one cannot be used."""
        import ssl  # noqa: PLC0415 (most exports go without)

        try:
            context = ssl.create_default_context(cafile=self.tls_trusted)
        except OSError as error:
            reason = error.strerror or error
            raise OSError(f"{self.tls_trusted} holds no certificates to trust: {reason}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.tls_certificate and self.tls_key:
            try:
                context.load_cert_chain(self.tls_certificate, self.tls_key)
            except OSError as error:
                files = f"{self.tls_certificate} and its key {self.tls_key}"
                raise OSError(f"{files} cannot be used for TLS: {error.strerror or error}") from None
        return context
