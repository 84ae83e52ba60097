"""Reverse DNS: asking what the owner of an address calls it, beside the path of every question.

Looking an address up tells somebody that we are interested in it. So nothing here runs unless it is called,
and a private address is never asked about anywhere but at a resolver that was named for it.
"""

from __future__ import annotations

import ipaddress
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.addresses import text_from_address
from tidegauge.names.answer import host_of_pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tidegauge.flow.binding import Binding

_REMEMBERED_SECONDS = 3600
_MOST_REMEMBERED = 65536
_DNS_PORT = 53


class ReverseError(Exception):
    """Nobody can be asked; the message says why."""


class Reverse:
    """Looks addresses up, slowly, and remembers what it found and what it did not.

    ``ask`` gives the PTR name of an address as text, or None; see ``dns_question``. ``pause`` waits for so
    many seconds. Failures are remembered like answers, for an hour: a resolver that does not know is not
    asked again at once.
    """

    def __init__(
        self,
        ask: Callable[[str], str | None],
        pause: Callable[[float], None],
        *,
        may_ask_private: bool = False,
        per_second: float = 20,
    ) -> None:
        self._ask = ask
        self._pause = pause
        self._may_ask_private = may_ask_private
        self._gap_seconds = 1 / per_second
        self._asked_at: OrderedDict[bytes, int] = OrderedDict()

    def bindings(self, addresses: Iterable[bytes], now: Callable[[], int]) -> Iterator[Binding]:
        """Yield the names found for addresses not asked about lately; ``now`` gives the instant."""
        for address in addresses:
            if not self._may_ask(address) or self._is_remembered(address, now()):
                continue
            text = text_from_address(address)
            name = self._ask(text)
            self._remember(address, now())
            self._pause(self._gap_seconds)
            host = host_of_pointer(name, address, now()) if name else None
            if host is not None:
                yield host

    def _may_ask(self, address: bytes) -> bool:
        return self._may_ask_private or ipaddress.ip_address(text_from_address(address)).is_global

    def _is_remembered(self, address: bytes, now: int) -> bool:
        asked_at = self._asked_at.get(address)
        return asked_at is not None and now - asked_at < _REMEMBERED_SECONDS * NANOSECONDS

    def _remember(self, address: bytes, now: int) -> None:
        self._asked_at[address] = now
        self._asked_at.move_to_end(address)
        if len(self._asked_at) > _MOST_REMEMBERED:
            self._asked_at.popitem(last=False)


def _place_of(resolver: str) -> tuple[str, int]:
    """Address and port of ``ADDR``, ``ADDR:PORT`` or ``[ADDR]:PORT``. Raises ValueError for other text."""
    found = re.fullmatch(r"\[(.+)\](?::(\d+))?|([0-9.]+)(?::(\d+))?|([0-9a-fA-F:]+)", resolver)
    if found is None:
        raise ValueError(f"{resolver!r} is no address")
    address = str(ipaddress.ip_address(found[1] or found[3] or found[5]))
    return address, int(found[2] or found[4] or _DNS_PORT)


def dns_question(resolvers: Sequence[str] = (), timeout_seconds: float = 2) -> Callable[[str], str | None]:
    """A way to ask: at ``resolvers``, or else where this machine asks; None when nobody answers.

    Raises ReverseError for a resolver that is no address, and where this machine has none.
    """
    import dns.exception  # noqa: PLC0415 (slow to import, and off by default)
    import dns.nameserver  # noqa: PLC0415 (the same)
    import dns.resolver  # noqa: PLC0415 (the same)
    import dns.reversename  # noqa: PLC0415 (the same)

    try:
        resolver = dns.resolver.Resolver(configure=not resolvers)
        if resolvers:
            resolver.nameservers = [
                dns.nameserver.Do53Nameserver(*_place_of(resolver_text)) for resolver_text in resolvers
            ]
    except (dns.exception.DNSException, ValueError) as error:
        raise ReverseError(f"no resolver to ask: {error}") from None

    def ask(address: str) -> str | None:
        try:
            answer = resolver.resolve(dns.reversename.from_address(address), "PTR", lifetime=timeout_seconds)
        except dns.exception.DNSException:
            return None
        return str(answer[0].target) if answer.rrset else None

    return ask
