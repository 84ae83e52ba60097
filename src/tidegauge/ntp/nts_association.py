"""What binds us to one NTS server: its keys, its cookies, and how packets are made and believed with them."""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tidegauge.ntp.extension_field import Authenticator, ExtensionField, FieldKind, fields_from_bytes
from tidegauge.ntp.key_establishment import COOKIES_KEPT, LONGEST_COOKIE

if TYPE_CHECKING:
    from tidegauge.ntp.key_establishment import Established

_IDENTIFIER_BYTES = 32
_NONCE_BYTES = 16
_REQUEST_LIMIT = 1232
"""What reaches everybody unfragmented: IPv6 carries 1280 bytes everywhere, with IP's and UDP's headers."""


class NtsAssociation:
    """Turns the 48 bytes of a question into a request that only our server can answer.

    Each cookie is used once, so that nobody on the way can tell that two requests are by the same client.
    An answer brings a new one; for each that got lost a placeholder asks for one more.
    """

    def __init__(self, established: Established) -> None:
        self.host, self.port = established.host, established.port
        self._to_server = AESSIV(established.client_to_server)
        self._to_client = AESSIV(established.server_to_client)
        self._cookies = deque(established.cookies, maxlen=COOKIES_KEPT)

    @property
    def cookies_left(self) -> int:
        """How many questions can be asked before keys have to be established anew."""
        return len(self._cookies)

    def seal(self, header: bytes) -> tuple[bytes, bytes]:
        """Protect a question; returns the request and the identifier that its answer has to repeat.

        Raises LookupError when no cookie is left.
        """
        if not self._cookies:
            raise LookupError("no cookie is left")
        cookie = self._cookies.popleft()
        identifier = secrets.token_bytes(_IDENTIFIER_BYTES)
        packet = header + ExtensionField(FieldKind.UNIQUE_IDENTIFIER, identifier).to_bytes()
        packet += ExtensionField(FieldKind.COOKIE, cookie).to_bytes()
        placeholder = ExtensionField(FieldKind.COOKIE_PLACEHOLDER, bytes(len(cookie))).to_bytes()
        room = (_REQUEST_LIMIT - len(packet) - len(self._authenticator(packet))) // len(placeholder)
        # Used up now: one comes back anyway; a placeholder asks for each of the others that are missing.
        packet += placeholder * min(COOKIES_KEPT - 1 - len(self._cookies), max(room, 0))
        return packet + self._authenticator(packet), identifier

    def open(self, reply: bytes, identifier: bytes) -> bool:
        """Whether the reply is our server's answer to that request; keeps the cookies it brought.

        Only what stands before the authenticator is proven: the header is, fields after it are not read.
        """
        try:
            start, fields, sealed = _until_authenticator(reply)
            plain = self._to_client.decrypt(sealed.ciphertext, [reply[:start], sealed.nonce])
            inner = [field for _, field in fields_from_bytes(plain, 0)]
        except (ValueError, InvalidTag):
            return False
        if _identifiers(fields) != [identifier]:
            return False
        for field in inner:
            if field.kind == FieldKind.COOKIE and 0 < len(field.body) <= LONGEST_COOKIE:
                self._cookies.append(field.body)
        return True

    @staticmethod
    def is_refused_by(reply: bytes, identifier: bytes) -> bool:
        """Whether a reply repeats our identifier, as a refusal of our cookie does; that proves nothing."""
        try:
            return _identifiers([field for _, field in fields_from_bytes(reply)]) == [identifier]
        except ValueError:
            return False

    def _authenticator(self, packet: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        tag = self._to_server.encrypt(b"", [packet, nonce])
        return ExtensionField(FieldKind.AUTHENTICATOR, Authenticator(nonce, tag).to_body()).to_bytes()


def _until_authenticator(reply: bytes) -> tuple[int, list[ExtensionField], Authenticator]:
    fields: list[ExtensionField] = []
    for start, field in fields_from_bytes(reply):
        if field.kind == FieldKind.AUTHENTICATOR:
            return start, fields, Authenticator.from_body(field.body)
        fields.append(field)
    raise ValueError("nothing proves who sent this reply")


def _identifiers(fields: list[ExtensionField]) -> list[bytes]:
    return [field.body for field in fields if field.kind == FieldKind.UNIQUE_IDENTIFIER]
