"""Who held an address: everything that was said of it, weighed, and laid out in time.

What is said falls into classes, by kind (card, device, person) and by confidence. Inside a class the newest
statement decides, so an address lent to somebody else is that somebody's from that instant on. Between
classes the higher confidence decides. A device brings its owner along; a log-in or a pin may name another
person at it. A card that the inventory does not list is called what its lease called it, so that an IPv6
address seen only in a table of neighbours still gets its device's name.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.flow.binding import Kind
from tidegauge.names.origin import HOST_NAME, INVENTORY
from tidegauge.names.timeline import EVER, FOREVER, Span, crossed, joined, newest, overlay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tidegauge.flow.binding import Binding
    from tidegauge.names.inventory import Inventory


class Who(NamedTuple):
    """A person, a device or both, and who says so."""

    person: str | None
    machine: str | None
    team: str | None
    source: str
    confidence: int
    is_pinned: bool


class Holder(NamedTuple):
    """From ``since`` until ``until``, excluded, ``address`` was ``who``'s."""

    address: bytes
    since: int
    until: int
    who: Who


class _Class(NamedTuple):
    """Statements that replace one another; sorted, the most believed class comes last."""

    is_pinned: bool
    confidence: int
    pinned_at: int
    kind: Kind


class _Said(NamedTuple):
    """A name; one that is listed is the inventory's own, and only such a device has an owner."""

    name: str
    source: str
    is_listed: bool = False


class _Claim(NamedTuple):
    """What a statement comes to once the inventory was asked; one about a person alone has no machine."""

    machine: str
    person: str
    source: str
    confidence: int
    is_pinned: bool
    is_listed: bool


_Spans = list[Span[_Said]]


def holders(bindings: Iterable[Binding], inventory: Inventory) -> Iterator[Holder]:
    """Yield who held each address, disjoint and by time; nothing for times nobody is known for."""
    said = _said(bindings)
    host_names = _host_names(said.values())
    for address in sorted({*said, *inventory.machine_by_address}):
        claims = {
            rank: [_claim(rank, span, inventory) for span in _named(rank, spans, inventory, host_names)]
            for rank, spans in said.get(address, {}).items()
        }
        if listed := inventory.machine_by_address.get(address):
            always = Span(EVER, FOREVER, _Said(listed, INVENTORY.source, is_listed=True))
            claims[_LISTED] = [_claim(_LISTED, always, inventory)]
        layers = [claims[rank] for rank in sorted(claims, reverse=True)]
        whose = (Span(span.since, span.until, _who(span.value, inventory)) for span in overlay(layers))
        for since, until, who in joined(whose):
            yield Holder(address, since, until, who)


def _said(bindings: Iterable[Binding]) -> dict[bytes, dict[_Class, _Spans]]:
    """What was said of each address, class by class, the newest statement deciding inside each."""
    found: dict[bytes, dict[_Class, _Spans]] = defaultdict(lambda: defaultdict(list))
    for binding in bindings:
        if binding.kind in (Kind.MAC, Kind.MACHINE, Kind.PERSON):
            # A pin is lifted off again where it ends: what an earlier one says comes to light.
            pinned_at = binding.since if binding.is_pinned else 0
            rank = _Class(binding.is_pinned, binding.confidence, pinned_at, binding.kind)
            until = FOREVER if binding.until is None else binding.until
            found[binding.address][rank].append(
                Span(binding.since, until, _Said(binding.name, binding.source))
            )
    return {
        address: {
            rank: [span for span in newest(spans) if span.value.name] for rank, spans in classes.items()
        }
        for address, classes in found.items()
    }


def _host_names(said: Iterable[Mapping[_Class, _Spans]]) -> dict[str, _Spans]:
    """What the device behind each card called itself, from leases that tell both."""
    found: dict[str, _Spans] = defaultdict(list)
    for classes in said:
        cards = [spans for rank, spans in classes.items() if rank.kind is Kind.MAC and _is_lease(rank)]
        devices = [spans for rank, spans in classes.items() if rank.kind is Kind.MACHINE and _is_lease(rank)]
        for macs, machines in product(cards, devices):
            for since, until, (card, device) in crossed(macs, machines):
                found[card.name].append(Span(since, until, device))
    return {mac: newest(spans) for mac, spans in found.items()}


def _is_lease(rank: _Class) -> bool:
    return rank.confidence >= HOST_NAME.confidence and not rank.is_pinned


def _named(
    rank: _Class, spans: _Spans, inventory: Inventory, host_names: Mapping[str, _Spans]
) -> Iterator[Span[_Said]]:
    """Put the inventory's names in place of cards and of what devices call themselves."""
    for span in spans:
        listed = inventory.machine_by_mac.get(span.value.name) if rank.kind is Kind.MAC else None
        if listed:
            yield span._replace(value=_Said(listed, span.value.source, is_listed=True))
        elif rank.is_pinned:
            yield span._replace(value=span.value._replace(is_listed=True))
        elif rank.kind is not Kind.MAC:
            yield _recognised(span, inventory)
        elif not _is_lease(rank):  # a lease itself has told the device's name, for this very address
            for since, until, (card, device) in crossed([span], host_names.get(span.value.name, [])):
                yield _recognised(Span(since, until, _Said(device.name, card.source)), inventory)


def _recognised(span: Span[_Said], inventory: Inventory) -> Span[_Said]:
    own = span.value.name
    listed = inventory.machine_calling_itself(own)
    return span._replace(value=_Said(listed or own, span.value.source, is_listed=listed is not None))


def _claim(rank: _Class, span: Span[_Said], inventory: Inventory) -> Span[_Claim]:
    name, source, is_listed = span.value
    if rank.kind is Kind.PERSON:
        machine, person = "", inventory.person_logging_in_as(name) or name
    else:
        machine, person = name, (inventory.owner_of(name) if is_listed else None) or ""
    claim = _Claim(machine, person, source, rank.confidence, rank.is_pinned, is_listed)
    return Span(span.since, span.until, claim)


def _who(claims: tuple[_Claim, ...], inventory: Inventory) -> Who:
    """Whom claims about one instant come to; the most believed stands first."""
    device = next((claim for claim in claims if claim.machine), None)
    user = next((claim for claim in claims if claim.person and (claim is device or not claim.machine)), None)
    told = user or device
    assert told is not None  # a claim names one or the other
    person, machine = user.person if user else None, device.machine if device else None
    team = inventory.team_of(person, machine if device and device.is_listed else None)
    return Who(person, machine, team, told.source, told.confidence, told.is_pinned)


_LISTED = _Class(is_pinned=False, confidence=INVENTORY.confidence, pinned_at=0, kind=Kind.MACHINE)
