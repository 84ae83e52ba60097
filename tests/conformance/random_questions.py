"""Questions drawn at random, each with what it means beside the words that say it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

from tests.conformance.plain_answers import Asked, Flow, Keep

FIELDS = (
    "src_addr", "dst_addr", "src_port", "dst_port", "protocol", "tcp_flags", "in_interface", "src_addr/24",
    "dst_addr/16", "dst_addr/8", "addr", "port", "exporter", "sampling_interval",
)  # fmt: skip
METRICS = ("bytes", "packets", "flows", "bytes_estimate", "packets_estimate", "bytes_up", "bytes_down")
OF_THE_POINT = {
    "exporter",
    "observation_domain",
    "in_interface",
    "out_interface",
    "sampling_interval",
    "direction",
}

Condition = tuple[str, Keep]


def question(random: Random, flows: list[Flow], extent: tuple[int, int]) -> Asked:
    """One question about these flows, whose values it borrows so that most of them find something."""
    by = _fields(random)
    metrics = tuple(random.sample(METRICS, random.randint(1, len(METRICS))))
    words, keep = _filter(random, flows, random.randint(0, 3))
    since, until = _range(random, extent)
    is_of_points = any(name in OF_THE_POINT for name in (*by, *words.replace("(", " ").split()))
    order = random.choice(metrics)
    return Asked(
        by, metrics, words, keep, since, until, random.choice((0, 1, 3, 10)), order,
        is_falling=random.random() < 0.8, counts_once=not is_of_points,
    )  # fmt: skip


def _fields(random: Random) -> tuple[str, ...]:
    while True:
        chosen = tuple(random.sample(FIELDS, random.choice((1, 1, 1, 2, 3))))
        names = [name.partition("/")[0] for name in chosen]
        if len(set(names)) == len(names) and sum(name in ("addr", "port") for name in names) <= 1:
            return chosen


def _range(random: Random, extent: tuple[int, int]) -> tuple[int | None, int | None]:
    low, high = sorted(random.randint(extent[0] - 10**9, extent[1] + 10**9) for _ in range(2))
    return (low if random.random() < 0.6 else None), (high if random.random() < 0.6 else None)


def _filter(random: Random, flows: list[Flow], depth: int) -> Condition:
    if depth == 0:
        return ("any", lambda _: True) if random.random() < 0.3 else _condition(random, random.choice(flows))
    left, right = _filter(random, flows, depth - 1), _filter(random, flows, depth - 1)
    match random.choice(("and", "or", "not", "plain")):
        case "and":
            return f"({left[0]}) and ({right[0]})", lambda flow: left[1](flow) and right[1](flow)
        case "or":
            return f"({left[0]}) or ({right[0]})", lambda flow: left[1](flow) or right[1](flow)
        case "not":
            return f"not ({left[0]})", lambda flow: not left[1](flow)
        case _:
            return _condition(random, random.choice(flows))


def _condition(random: Random, like: Flow) -> Condition:
    return random.choice(CONDITIONS)(random, like)


def _host(random: Random, like: Flow) -> Condition:
    side = random.choice(("src", "dst"))
    address = like[f"{side}_addr"]
    return f"{side} host {address}", lambda flow: flow[f"{side}_addr"] == address


def _either_net(random: Random, like: Flow) -> Condition:
    found = ip_address(like[random.choice(("src_addr", "dst_addr"))])
    length = random.randint(8, 32) if found.version == 4 else random.randint(16, 128)
    net = ip_network(f"{found}/{length}", strict=False)
    return f"net {net}", lambda flow: any(ip_address(flow[side]) in net for side in ("src_addr", "dst_addr"))


def _port(random: Random, like: Flow) -> Condition:
    port = like.get("dst_port", 53)
    match random.choice(("either", "src", "list", "range")):
        case "either":
            return f"port {port}", lambda flow: port in (flow.get("src_port"), flow.get("dst_port"))
        case "src":
            return f"src port > {port}", lambda flow: (flow.get("src_port") or -1) > port
        case "list":
            listed = {port, 443, 53}
            return (
                f"dst port in [{' '.join(map(str, listed))}]",
                lambda flow: flow.get("dst_port") in listed,
            )
        case _:
            return (
                f"dst_port {port // 2}-{port}",
                lambda flow: flow.get("dst_port") is not None and port // 2 <= flow["dst_port"] <= port,
            )


def _protocol(_random: Random, like: Flow) -> Condition:
    number = like["protocol"]
    words = {6: "tcp", 17: "proto udp", 1: "icmp"}.get(number, f"protocol = {number}")
    return words, lambda flow: flow["protocol"] == number


def _size(random: Random, like: Flow) -> Condition:
    name, operator = random.choice(("bytes", "packets")), random.choice((">", ">=", "<", "<=", "=", "!="))
    value = like[name]
    compare: dict[str, Callable[[Any, Any], bool]] = {
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b, "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
    }  # fmt: skip
    return f"{name} {operator} {value}", lambda flow: compare[operator](flow[name], value)


def _flags(random: Random, _like: Flow) -> Condition:
    letters = random.choice(("S", "A", "SA", "F", "R"))
    wanted = sum(1 << "FSRPAU".index(letter) for letter in letters)
    return f"tcp_flags has {letters}", lambda flow: (flow.get("tcp_flags") or 0) & wanted == wanted


def _exporter(_random: Random, like: Flow) -> Condition:
    address = like["exporter"]
    return f"exporter {address}", lambda flow: flow["exporter"] == address


CONDITIONS = (_host, _host, _either_net, _port, _port, _protocol, _size, _size, _flags, _exporter)
