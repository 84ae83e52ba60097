"""A server that we ask again and again: always the same one behind a name, and with NTS never without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.ntp.client import CookieRefusedError, ask

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.ntp.client import Answered
    from tidegauge.ntp.nts_association import NtsAssociation
    from tidegauge.ntp.server_address import ServerAddress


class Upstream:
    """Asks one server, and keeps what has to be remembered in between.

    ``trusted`` is a file of certificates to trust for NTS, in place of those the system trusts.
    """

    def __init__(self, address: ServerAddress, trusted: Path | None = None) -> None:
        self.address = address
        self._trusted = trusted
        self._association: NtsAssociation | None = None
        self._numeric: str | None = None

    def ask(self, timeout_seconds: float = 2.0) -> Answered:
        """Ask once; where keys are missing or no longer known, they are established first.

        Raises what ``client.ask`` and ``key_establishment.establish`` do, and never asks without NTS
        where it was agreed on.
        """
        if not self.address.is_nts:
            answered = ask(
                self._numeric or self.address.host, self.address.port, timeout_seconds=timeout_seconds
            )
            self._numeric = answered.measurement.server
            return answered
        try:
            return self._ask_with_keys(timeout_seconds)
        except CookieRefusedError:
            self._association = None
            return self._ask_with_keys(timeout_seconds)

    def forget(self) -> None:
        """Look the name up again next time, and establish new keys: this server seems to be gone."""
        self._numeric = self._association = None

    def _ask_with_keys(self, timeout_seconds: float) -> Answered:
        association = self._association
        if association is None or not association.cookies_left:
            association = self._association = _associate(self.address, self._trusted)
        return ask(
            association.host, association.port, timeout_seconds=timeout_seconds, association=association
        )


def _associate(address: ServerAddress, trusted: Path | None) -> NtsAssociation:
    """Loaded only where NTS is asked for: TLS is a fifth of a second that nobody else should wait."""
    from tidegauge.ntp.key_establishment import establish  # noqa: PLC0415
    from tidegauge.ntp.nts_association import NtsAssociation  # noqa: PLC0415

    return NtsAssociation(establish(address.host, address.port, trusted=trusted))
