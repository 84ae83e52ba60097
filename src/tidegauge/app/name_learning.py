"""Learning names beside something that matters more."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegauge.app.followed_names import FollowedNames
    from tidegauge.store.lake import Lake

_log = Log(__name__)


@contextmanager
def names_followed(lake: Lake, wanted: FollowedNames, clock: Callable[[], int]) -> Iterator[list[str]]:
    """Follow names beside something that matters more: where they cannot be followed, a log line says so.

    What is yielded are the places where they are received, by what is spoken there.
    """
    if not wanted:
        yield []
        return
    # Loaded only now: most collectors follow nothing, and start sooner without.
    from tidegauge.app.name_following import FollowedElsewhereError, NameFollowing  # noqa: PLC0415

    following = NameFollowing(lake, wanted, clock)
    try:
        following.start()
    except (OSError, FollowedElsewhereError) as error:
        _log.error("names are not followed", reason=error)
        yield []
        return
    try:
        syslog = (address.replace("udp:", "syslog:") for address in following.syslog_addresses)
        yield [*syslog, *(f"dnstap://{path}" for path in wanted.dnstap)]
    finally:
        following.stop()
