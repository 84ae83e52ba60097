"""Which sampling interval each flow has, in plain Python: ``tidegauge.query.sampling`` once more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple

from tests.conformance.plain_answers import Flow, flow_decoded, nanoseconds

HOUR, MINUTE = 3_600_000_000_000, 60_000_000_000


class Statement(NamedTuple):
    """One packet in how many, on what, from when until when."""

    exporter: str
    interval: int
    interface: int | None = None
    direction: int | None = None
    since: int = -(2**63)
    until: int = 2**63

    @property
    def toml(self) -> str:
        """A table of the plan, without its header."""
        told = {"exporter": json.dumps(self.exporter), "interval": self.interval, "interface": self.interface}
        told["direction"] = None if self.direction is None else json.dumps(("in", "out")[self.direction])
        return "\n".join(f"{key} = {value}" for key, value in told.items() if value is not None)


Announced = dict[tuple[Any, ...], list[tuple[int, int]]]


def flows_decoded(lines: Iterable[str], stated: Iterable[Statement] = ()) -> list[Flow]:
    """The flow records of ndjson that ``decode`` printed, each with the interval that was in force."""
    announced: Announced = {}
    began: dict[tuple[str, int], int] = {}
    flows = []
    for line in lines:
        record = json.loads(line)
        domain = record["exporter"], record["observation_domain"]
        received = nanoseconds(record["received"])
        began.setdefault(domain, received // MINUTE * MINUTE)
        if record["kind"] == "flow":
            sampler = next(
                (int(each["value"]) for each in record["elements"] if each["element"] == "selectorId"), None
            )
            flows.append((flow_decoded(record), sampler))
            continue
        told = {each["element"]: each["value"] for each in record["elements"]}
        if interval := _interval(told):
            announced.setdefault((*domain, *_scope(told)), []).append((received, interval))
    statements = list(stated)
    return [flow | _known(flow, sampler, announced, began, statements) for flow, sampler in flows]


def _interval(told: dict[str, str]) -> int:
    """One packet in how many, whichever way it is said, to the nearest; 0 where nothing is said."""
    taken, left = (int(told.get(f"samplingPacket{word}", 0)) for word in ("Interval", "Space"))
    size, population = int(told.get("samplingSize", 0)), int(told.get("samplingPopulation", 0))
    probability = float(told.get("samplingProbability", 0))
    if taken:
        return (taken + left + taken // 2) // taken
    if size:
        return (population + size // 2) // size
    return round(1 / probability) if probability else int(told.get("samplingInterval", 0))


def _scope(told: dict[str, str]) -> tuple[int | None, ...]:
    """Sampler, interface, direction."""
    interface = told.get("interface", told.get("ingressInterface"))
    numbers = (told.get("selectorId"), interface if interface != "0" else None, told.get("flowDirection"))
    return tuple(None if number is None else int(number) for number in numbers)


def _known(
    flow: Flow,
    sampler: int | None,
    announced: Announced,
    began: dict[tuple[str, int], int],
    stated: list[Statement],
) -> Flow:
    direction = flow.get("direction") or 0
    interface = flow.get("out_interface" if direction else "in_interface")
    for asked in product((interface, None), (direction, None)):
        for each in stated:
            is_about = (each.exporter, each.interface, each.direction) == (flow["exporter"], *asked)
            if is_about and each.since <= flow["start"] < each.until:
                return {"sampling_interval": each.interval}
    if flow.get("sampling_interval"):
        return {}
    domain = flow["exporter"], flow["observation_domain"]
    for scope in product((sampler, None), (interface, None), (direction, None)):
        history = announced.get((*domain, *scope), [])
        before = [interval for received, interval in history if received <= flow["received"]]
        reach = max(began[domain], history[0][0] - HOUR) if history else 0
        if before or (history and flow["received"] >= reach):
            return {"sampling_interval": before[-1] if before else history[0][1]}
    return {}
