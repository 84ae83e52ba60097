"""A message taken apart, as lines for people: every byte has its place before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Part = Mapping[str, Any]

_OUTCOMES = {
    "learnt": "",
    "repeated": ", known already",
    "replaced": ", in place of another",
    "refused": ", refused",
    "withdrawn": ", withdrawn",
    "not_known": ", withdrawn but not known",
    "ignored": ", withdrawn over UDP, which is not heeded",
    "parked": "no template yet: waits for it",
    "given_up": "no template yet, and no room to wait",
    None: "no meaning",
}
_SHOWN_BYTES = 64


def wire_lines(message: Part) -> Iterator[str]:
    """The lines of one message, the first of which begins at the margin."""
    received = message["received"] or "at an unknown time"
    kind = message.get("protocol_version", "no message")
    sender = f"{message['exporter']} port {message['port']}"
    yield f"message {message['message']}: {kind}, {message['length']} bytes, from {sender}, {received}"
    for word in message.get("header", ()):
        yield f"  {_place(word)}{word['length']:>5}  {word['name']} = {word['value']}"
    for record in _numbered(message.get("records", ())):
        yield from record
    for sample in message.get("samples", ()):
        yield from _structure("sample", sample, "  ")
        for structure in sample.get("structures", ()):
            yield from _structure("structure", structure, "    ")
            yield from _bytes(structure, "rest", "      ")
        yield from _bytes(sample, "rest", "    ")
    for part in message.get("sets", ()):
        yield from _set(part)
    for part in message.get("unparked", ()):
        origin = f"port {part['port']}, sequence number {part['sequence']}, {part['received']}"
        yield f"  now readable: a set of an earlier message, {origin}"
        yield f"    laid out by {_template_name(part)}"
        for record in _numbered(part["records"]):
            yield from record
    for name in ("padding", "trailing"):
        yield from _bytes(message, name, "  ")
    for problem in message.get("problems", ()):
        yield f"! {_place(problem)}{problem['reason']}"


def _structure(kind: str, structure: Part, margin: str) -> Iterator[str]:
    name = f" {structure['name']}" if "name" in structure else ""
    tag = f"{structure['enterprise']}.{structure['format']}"
    yield f"{margin}{_place(structure)}{structure['length']:>5}  {kind} {tag}{name}"
    for field in structure.get("fields", ()):
        yield f"      {_place(field)}{field['length']:>6}  {field['name']}{_value(field)}"
    yield from _bytes(structure, "raw", "      ")


def _set(part: Part) -> Iterator[str]:
    kind = part["kind"].replace("_", " ")
    yield f"  {_place(part)}{part['length']:>5}  set {part['id']}, {kind}"
    if "template" in part:
        lender = part.get("borrowed_from_port")
        borrowed = f", borrowed from port {lender}" if lender is not None else ""
        yield f"    laid out by {_template_name(part)}{borrowed}"
    for template in part.get("templates", ()):
        yield from _template(template)
    for record in _numbered(part.get("records", ())):
        yield from record
    if "undecoded" in part:
        yield f"    not decoded: {_OUTCOMES[part['outcome']]}"
        yield from _bytes(part, "undecoded", "    ")
    yield from _bytes(part, "padding", "    ")


def _template(template: Part) -> Iterator[str]:
    scopes = f", {template['scopes']} of scope" if "scopes" in template else ""
    fields = template.get("fields")
    size = f", {len(fields)} fields{scopes}" if fields is not None else ""
    yield f"    {_place(template)}template {template['id']}{size}{_OUTCOMES[template['outcome']]}"
    for field in fields or ():
        length = "varies" if "variable" in field else field["length"]
        yield f"      {_place(field)}{length:>6}  {_element_name(field)}"
    yield from _bytes(template, "raw", "      ")


def _numbered(records: list[Part]) -> Iterator[Iterator[str]]:
    return (_record(number, record) for number, record in enumerate(records, 1))


def _record(number: int, record: Part) -> Iterator[str]:
    yield f"    record {number}"
    for element in record["elements"]:
        yield f"      {_place(element)}{element['length']:>6}  {_element_name(element)}{_value(element)}"


def _value(element: Part) -> str:
    raw = f"  [{element['raw']}]" if element.get("raw") else ""
    value = element["value"]
    return raw if value is None else f" = {value}{raw}"


def _element_name(element: Part) -> str:
    number = f"{element['enterprise']}/{element['id']}" if "enterprise" in element else str(element["id"])
    scope = ", scope" if "scope" in element else ""
    # An element without a name of its own is named by its number already.
    name = element["name"]
    return f"{name}{scope}" if name.endswith(f"/{element['id']}") else f"{name} ({number}){scope}"


def _template_name(part: Part) -> str:
    return f"{'options template' if 'options' in part else 'template'} {part['template']}"


def _bytes(part: Part, name: str, margin: str) -> Iterator[str]:
    found = part.get(name)
    if isinstance(found, str):
        yield f"{margin}{_cut(found)}"
    elif found:
        yield f"{margin}{_place(found)}{found['length']:>5}  {name}: {_cut(found['raw'])}"


def _cut(raw: str) -> str:
    most = 2 * _SHOWN_BYTES
    return raw if len(raw) <= most else f"{raw[:most]}… ({len(raw) // 2} bytes)"


def _place(part: Part) -> str:
    return f"@{part['offset']:<5}"
