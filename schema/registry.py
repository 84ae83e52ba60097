"""The information elements of ``elements/``: whose they are, and what follows from them."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

ELEMENTS = Path(__file__).parent / "elements"
REVERSE_ENTERPRISE = 29305  # RFC 5103: the same element, seen in the opposite direction
OWN_ENTERPRISE = 32473
# In the order of IANA's registry of their numbers (RFC 5610, section 3.1).
TYPES = (
    "octetArray", "unsigned8", "unsigned16", "unsigned32", "unsigned64", "signed8", "signed16", "signed32",
    "signed64", "float32", "float64", "boolean", "macAddress", "string", "dateTimeSeconds",
    "dateTimeMilliseconds", "dateTimeMicroseconds", "dateTimeNanoseconds", "ipv4Address", "ipv6Address",
    "basicList", "subTemplateList", "subTemplateMultiList", "unsigned256",
)  # fmt: skip


@dataclass(frozen=True)
class Element:
    """One information element: IANA's, or a vendor's under its own enterprise number."""

    enterprise: int
    id: int
    name: str
    type: str
    semantics: str
    units: str
    status: str


@dataclass(frozen=True)
class InNetflow9:
    """Where a vendor's elements stand among the types of NetFlow v9."""

    first: int
    last: int
    base: int


@dataclass(frozen=True)
class Pack:
    """The elements of one enterprise."""

    enterprise: int
    vendor: str
    source: str
    reverse_bit: int | None
    netflow9: InNetflow9 | None
    elements: tuple[Element, ...]


def read_packs() -> list[Pack]:
    """Read packs.toml in its order, and the table of each.

    Raises ValueError where names or numbers repeat.
    """
    rows = tomllib.loads((ELEMENTS / "packs.toml").read_text())["pack"]
    packs = [
        Pack(
            enterprise=row["enterprise"],
            vendor=row["vendor"],
            source=row["source"],
            reverse_bit=row.get("reverse_bit"),
            netflow9=InNetflow9(**row["netflow9"]) if "netflow9" in row else None,
            elements=tuple(_read_elements(row["file"], row["enterprise"])),
        )
        for row in rows
    ]
    elements = elements_of(packs)
    for what, distinct in (
        ("names", {element.name for element in elements}),
        ("numbers", {(element.enterprise, element.id) for element in elements}),
    ):
        if len(distinct) < len(elements):
            raise ValueError(f"{len(elements) - len(distinct)} {what} stand more than once in {ELEMENTS}")
    return packs


def _read_elements(name: str, enterprise: int) -> list[Element]:
    with (ELEMENTS / f"{name}.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)  # id, name, type, semantics, units, status
        return [Element(enterprise, int(number), *words) for number, *words in rows]


def elements_of(packs: list[Pack]) -> list[Element]:
    """All elements, in order of enterprise and id."""
    elements = [element for pack in packs for element in pack.elements]
    return sorted(elements, key=lambda element: (element.enterprise, element.id))


def element_key(name: str, packs: list[Pack]) -> tuple[int, int]:
    """Find (enterprise, id) of an element name; ``reverseX`` is X seen backwards."""
    by_name = {element.name: (element, pack) for pack in packs for element in pack.elements}
    if name in by_name:
        element = by_name[name][0]
        return element.enterprise, element.id
    plain = name.removeprefix("reverse")
    element, pack = by_name[plain[0].lower() + plain[1:]]
    if pack.reverse_bit is not None:
        return element.enterprise, element.id | 1 << pack.reverse_bit
    return REVERSE_ENTERPRISE, element.id


def rust_elements(packs: list[Pack], notice: str) -> str:
    """The registry as a table sorted by enterprise and id, and how v9 and biflows refer to it."""
    lines = [
        f"//! Information elements. {notice}",
        "",
        "use super::ElementType;",
        "",
        "/// Every element we know, sorted: (enterprise, id, name, abstract data type); 0 is IANA.",
        "pub const ELEMENTS: &[(u32, u16, &str, ElementType)] = &[",
    ]
    lines += [
        f'    ({element.enterprise}, {element.id}, "{element.name}", {_rust_type(element.type)}),'
        for element in elements_of(packs)
    ]
    lines += ["];", "", "/// Names of the types, in the order of IANA's registry of their numbers."]
    lines += ["pub const TYPE_NAMES: &[(&str, ElementType)] = &["]
    lines += [f'    ("{name}", {_rust_type(name)}),' for name in TYPES]
    lines += [
        "];",
        "",
        "/// Where vendors' elements stand in NetFlow v9: (first type, last, the type of id 0, enterprise).",
        "pub const NETFLOW_V9_TYPES: &[(u16, u16, u16, u32)] = &[",
    ]
    lines += [
        f"    ({pack.netflow9.first}, {pack.netflow9.last}, {pack.netflow9.base}, {pack.enterprise}),"
        for pack in packs
        if pack.netflow9
    ]
    lines += [
        "];",
        "",
        "/// Vendors that mark the opposite direction by a bit of the id: (enterprise, bit).",
        "pub const REVERSE_BITS: &[(u32, u16)] = &[",
    ]
    lines += [
        f"    ({pack.enterprise}, 1 << {pack.reverse_bit})," for pack in packs if pack.reverse_bit is not None
    ]
    return "\n".join([*lines, "];", ""])


def _rust_type(name: str) -> str:
    return f"ElementType::{name[0].upper()}{name[1:]}"


def python_elements(packs: list[Pack], notice: str) -> str:
    """What a file of elements must leave alone, and the types it may name."""
    lines = [f'"""Elements that keep their meaning, and the types of elements. {notice}"""', ""]
    lines += ["KEPT = {"]
    lines += [
        f'    ({element.enterprise}, {element.id}): "{element.name}",'
        for element in elements_of(packs)
        if element.enterprise in {0, OWN_ENTERPRISE}
    ]
    lines += ["}", "", "TYPES = (", *(f'    "{name}",' for name in TYPES), ")"]
    return "\n".join([*lines, ""])


def markdown_elements(packs: list[Pack], notice: str) -> str:
    """The reference page of elements."""
    lines = [
        f"<!-- {notice} -->",
        "# Information elements",
        "",
        "What a flow record has no [field](fields.md) for is kept in `other` under the name that stands",
        "here, with [its value](values.md). An element that does not is kept as `enterprise:id`",
        "with its bytes, until [a file of yours](../how-to/add-elements.md) or the exporter (RFC 5610) tells",
        "its name and type.",
        "",
        "Names are the vendor's own, behind the vendor's. Of other vendors that people ask for, Fortinet",
        "(12356) and MikroTik (14988) send IANA's elements, and SonicWall (8741) has no public table.",
        "",
        "| enterprise | vendor | elements | in NetFlow v9 | from |",
        "| --- | --- | --- | --- | --- |",
    ]
    for pack in packs:
        types = f"{pack.netflow9.first} to {pack.netflow9.last}" if pack.netflow9 else ""
        cells = (str(pack.enterprise), pack.vendor, str(len(pack.elements)), types, pack.source)
        lines.append(f"| {' | '.join(cells)} |")
    for pack in packs:
        lines += ["", f"## {pack.vendor}", "", "| id | element | type | semantics | units |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {pack.enterprise}:{e.id} | `{e.name}` | {e.type} | {e.semantics} | {e.units} |"
            for e in pack.elements
        ]
    return "\n".join([*lines, ""])
