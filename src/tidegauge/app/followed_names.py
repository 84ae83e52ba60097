"""What names are learnt from while a collector runs: ``names/follow.toml`` of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.instant_text import zone_from_name
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path


class FollowedNames(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files that grow, sockets that resolvers and routers write to, and this machine's own neighbours.

    ``files`` are paths, as in the table of ``names import``; one that is not there yet is waited for.
    ``dnstap`` are paths of unix sockets to make, ``syslog`` addresses ``udp://HOST:PORT`` to listen at.
    ``time_zone`` is that of times without an offset.
    """

    files: tuple[str, ...] = ()
    dnstap: tuple[str, ...] = ()
    syslog: tuple[str, ...] = ()
    neighbours: bool = False
    time_zone: str = "UTC"

    def __bool__(self) -> bool:
        return bool(self.files or self.dnstap or self.syslog or self.neighbours)

    @property
    def zone(self) -> tzinfo:
        """The zone of times without an offset. Raises ValueError for one nobody knows."""
        return zone_from_name(self.time_zone)

    @property
    def syslog_addresses(self) -> list[ListenAddress]:
        """Where to listen for syslog. Raises ValueError for what is no address."""
        return [ListenAddress.parse(address) for address in self.syslog]


def followed_names(folder: Path) -> FollowedNames:
    """Read ``follow.toml`` in a lake's folder of names; nothing is followed where there is none.

    Paths are taken from that folder on. Raises LakeUnreadableError for a mistake in it.
    """
    path = folder / "follow.toml"
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=FollowedNames)
        _ = found.zone, found.syslog_addresses
    except FileNotFoundError:
        return FollowedNames()
    except (msgspec.DecodeError, OSError, ValueError) as error:
        raise LakeUnreadableError(f"{path}: {error}") from None
    return msgspec.structs.replace(
        found,
        files=tuple(str(folder / file) for file in found.files),
        dnstap=tuple(str(folder / socket) for socket in found.dnstap),
    )
