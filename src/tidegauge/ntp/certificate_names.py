"""Whom a certificate speaks for: OpenSSL checks who signed it, and leaves this to us."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography.x509 import DNSName, ExtensionNotFound, IPAddress, SubjectAlternativeName

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_LABELS_BELOW_A_WILDCARD = 2


def speaks_for(certificate: Certificate, host: str) -> bool:
    """Whether the certificate names ``host``, which is a name or an address (RFC 9525).

    Only alternative names count, not the common name. A wildcard stands for one whole label, the first,
    and never directly above a top-level domain.
    """
    names = _alternative_names(certificate)
    if names is None:
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return any(_matches(pattern, _ascii(host)) for pattern in names.get_values_for_type(DNSName))
    return address in names.get_values_for_type(IPAddress)


def _alternative_names(certificate: Certificate) -> SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except (ExtensionNotFound, ValueError):  # ValueError: it says something that is no name
        return None


def _matches(pattern: str, host: str) -> bool:
    wanted, given = pattern.lower().rstrip("."), host.lower().rstrip(".")
    first, _, rest = wanted.partition(".")
    if first == "*":
        return rest.count(".") + 1 >= _LABELS_BELOW_A_WILDCARD and given.partition(".")[2] == rest
    return bool(wanted) and wanted == given


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")
