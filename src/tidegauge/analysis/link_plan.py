"""The link plan: what somebody wrote down about links, in ``links.toml`` beside the lake's data.

Exporters seldom tell what a link is called and never what it can carry:

    [Internet]
    exporter = "192.0.2.1"
    interface = 3
    capacity_in = "1G"
    capacity_out = "200M"

``capacity`` stands for both where they are equal. Capacities are bits per second, in steps of a thousand.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.addresses import address_from_text
from tidegauge.query.links import Capacity
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake

FILE_NAME = "links.toml"
_CAPACITY = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGT]?)(?:bit/s|bps|b/s)?")
_SCALE = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    exporter: str
    interface: int
    capacity: str | int | None = None
    capacity_in: str | int | None = None
    capacity_out: str | int | None = None


def link_plan(lake: Lake) -> dict[str, Capacity]:
    """The links of a lake's plan by name, none without a plan. Raises LakeUnreadableError for a wrong one."""
    path = lake.path / FILE_NAME
    try:
        return links_from_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LakeUnreadableError(f"{path}: {error}") from None


def links_from_text(text: str) -> dict[str, Capacity]:
    """Read a plan. Raises ValueError where an entry is wrong."""
    return {name: _link(name, entry) for name, entry in tomllib.loads(text).items()}


def _link(name: str, entry: object) -> Capacity:
    try:
        read = msgspec.convert(entry, _Entry)
        return Capacity(
            address_from_text(read.exporter).to_bytes(16, "big"),
            read.interface,
            _bits(read.capacity if read.capacity_in is None else read.capacity_in),
            _bits(read.capacity if read.capacity_out is None else read.capacity_out),
        )
    except ValueError as error:
        raise ValueError(f"link {name!r}: {error}") from None


def _bits(capacity: str | int | None) -> int | None:
    if capacity is None:
        return None
    found = _CAPACITY.fullmatch(str(capacity).strip())
    bits = 0 if found is None else round(float(found[1]) * _SCALE[found[2].upper()])
    if not bits:
        raise ValueError(f"{capacity!r} is no capacity, such as 1G or 200M (bits per second)")
    return bits
