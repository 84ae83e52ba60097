"""IF-MIB (RFC 2863): what to ask an agent about an interface, and what its answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.interface_sample import InterfaceSample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.exporters.agent import Agent

Told = int | float | str | bytes | None

SOURCE = "snmp"
INDEXES = "1.3.6.1.2.1.2.2.1.2"
"""ifDescr, which every agent has for every interface: walking it tells which there are."""

TICK = 10_000_000
"""Nanoseconds of a TimeTick."""
_CYCLE = 2**32
_MEGABIT = 1_000_000
_MORE_THAN_IT_CAN_SAY = 2**32 - 1
_LONGEST_TEXT = 255

_UPTIME = "1.3.6.1.2.1.1.3.0"
_TABLE, _WIDE_TABLE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
_COLUMNS = {
    "description": f"{_TABLE}.2",
    "speed": f"{_TABLE}.5",
    "octets_in": f"{_TABLE}.10",
    "unicast_in": f"{_TABLE}.11",
    "group_in": f"{_TABLE}.12",
    "discards_in": f"{_TABLE}.13",
    "errors_in": f"{_TABLE}.14",
    "octets_out": f"{_TABLE}.16",
    "unicast_out": f"{_TABLE}.17",
    "group_out": f"{_TABLE}.18",
    "discards_out": f"{_TABLE}.19",
    "errors_out": f"{_TABLE}.20",
    "name": f"{_WIDE_TABLE}.1",
    "wide_octets_in": f"{_WIDE_TABLE}.6",
    "wide_unicast_in": f"{_WIDE_TABLE}.7",
    "wide_multicast_in": f"{_WIDE_TABLE}.8",
    "wide_broadcast_in": f"{_WIDE_TABLE}.9",
    "wide_octets_out": f"{_WIDE_TABLE}.10",
    "wide_unicast_out": f"{_WIDE_TABLE}.11",
    "wide_multicast_out": f"{_WIDE_TABLE}.12",
    "wide_broadcast_out": f"{_WIDE_TABLE}.13",
    "high_speed": f"{_WIDE_TABLE}.15",
    "alias": f"{_WIDE_TABLE}.18",
    "discontinuity": f"{_WIDE_TABLE}.19",
}


def question(interface: int) -> list[str]:
    """The objects to ask for in one request, so that all its counters are of one moment."""
    return [_UPTIME, *(f"{column}.{interface}" for column in _COLUMNS.values())]


def sample(agent: Agent, interface: int, answer: Mapping[str, Told], received: int) -> InterfaceSample | None:
    """Read an answer to ``question``; None where the agent does not count this interface.

    Counters of 64 bits are taken where there are any. An uptime that starts over, after 497 days, looks
    like a restart and costs the interval between two readings.
    """
    told = {name: answer.get(f"{column}.{interface}") for name, column in _COLUMNS.items()}
    numbers = {name: value for name, value in told.items() if isinstance(value, int) and 0 <= value < 2**64}
    uptime = answer.get(_UPTIME)
    is_wide = "wide_octets_in" in numbers or "wide_octets_out" in numbers
    octets = "wide_octets" if is_wide else "octets"
    if not isinstance(uptime, int) or not {f"{octets}_in", f"{octets}_out"} & numbers.keys():
        return None
    names = ("wide_unicast", "wide_multicast", "wide_broadcast") if is_wide else ("unicast", "group")
    bits = 64 if is_wide else 32
    return InterfaceSample(
        received=received,
        exporter=agent.exporter,
        interface=interface,
        source=SOURCE,
        counting_since=received - (uptime - numbers.get("discontinuity", 0)) % _CYCLE * TICK,
        counter_bits=bits,
        octets_in=numbers.get(f"{octets}_in"),
        octets_out=numbers.get(f"{octets}_out"),
        packets_in=_sum(numbers, [f"{name}_in" for name in names], bits),
        packets_out=_sum(numbers, [f"{name}_out" for name in names], bits),
        group_packets_in=_sum(numbers, [f"{name}_in" for name in names[1:]], bits),
        group_packets_out=_sum(numbers, [f"{name}_out" for name in names[1:]], bits),
        errors_in=numbers.get("errors_in"),
        errors_out=numbers.get("errors_out"),
        discards_in=numbers.get("discards_in"),
        discards_out=numbers.get("discards_out"),
        speed=_speed(numbers),
        name=_text(told["name"]) or _text(told["description"]),
        description=_text(told["alias"]),
    )


def _sum(numbers: Mapping[str, int], names: list[str], bits: int) -> int | None:
    """Counters added up, which wrap as each of them does; None where none was told."""
    known = [numbers[name] for name in names if name in numbers]
    return sum(known) % 2**bits if known else None


def _speed(numbers: Mapping[str, int]) -> int | None:
    """Bits per second. ifHighSpeed is 0 below a megabit, ifSpeed its greatest value above 4 gigabits."""
    if 0 < (megabits := numbers.get("high_speed", 0)) < _CYCLE:
        return megabits * _MEGABIT
    speed = numbers.get("speed", 0)
    return speed if 0 < speed < _MORE_THAN_IT_CAN_SAY else None


def _text(told: Told) -> str | None:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return text.replace("\0", "").strip()[:_LONGEST_TEXT] or None if isinstance(text, str) else None
