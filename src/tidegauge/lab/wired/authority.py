"""A certificate authority of the office's own, so that its servers are who their names say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AUTHORITY, CHAIN, KEY = "authority.pem", "chain.pem", "key.pem"
"""What clients are to trust, what a server shows, and what it keeps to itself."""
VALID = timedelta(days=2)
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of tidegauge lab office")])


def certify(names: Sequence[str], folder: Path, now: int) -> None:
    """Write the certificate of an authority, and one with its key for a server of all these names.

    ``now`` is in nanoseconds since 1970. The authority's own key is forgotten.
    """
    own, servers = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = (
        _draft(own.public_key(), _NAME, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(own, SHA256())
    )
    server = (
        _draft(servers.public_key(), x509.Name([]), now)
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=True)
        .sign(own, SHA256())
    )
    key = servers.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in (
        (AUTHORITY, authority.public_bytes(Encoding.PEM)),
        (CHAIN, server.public_bytes(Encoding.PEM)),
        (KEY, key),
    ):
        (folder / file).write_bytes(content)


def _draft(key: ec.EllipticCurvePublicKey, subject: x509.Name, now: int) -> x509.CertificateBuilder:
    today = datetime.fromtimestamp(now / 1e9, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_NAME)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - VALID)
        .not_valid_after(today + VALID)
    )
