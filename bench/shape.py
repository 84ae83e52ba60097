"""How an export is spread: over how many exporters, domains of each, and templates of each of those.

Each template has its fields in an order of its own, so that none is like another. The datagrams of all come
by turns, as at a collector of many routers: what comes next is hardly ever of whom spoke last.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

import numpy as np
from datagrams import Datagrams
from traffic_model import DAY, MILLISECOND, SECOND, Array, Columns, TrafficModel

FIRST_TEMPLATE = 256
# Such a datagram and its template fit a packet of Ethernet in both versions.
RECORDS_IN_DATAGRAM = 24
HEADER_BYTES = {"netflow9": 20, "ipfix": 16}
TEMPLATE_SET = {"netflow9": 0, "ipfix": 2}

# Element, column, octets.
FIELDS = (
    (8, "src_addr", 4),
    (12, "dst_addr", 4),
    (7, "src_port", 2),
    (11, "dst_port", 2),
    (4, "protocol", 1),
    (5, "tos", 1),
    (6, "tcp_flags", 1),
    (1, "bytes", 8),
    (2, "packets", 4),
    (10, "in_interface", 4),
    (14, "out_interface", 4),
)
TIMES = {"netflow9": ((22, "start", 4), (21, "end", 4)), "ipfix": ((152, "start", 8), (153, "end", 8))}


@dataclass(frozen=True)
class Shape:
    """``domains`` are of each exporter, ``templates`` of each domain."""

    exporters: int
    domains: int = 1
    templates: int = 1

    @property
    def all_templates(self) -> int:
        """How many there are altogether."""
        return self.exporters * self.domains * self.templates

    def encode(self, version: str, flows: int, now: int) -> Datagrams:
        """Draw flows, as many for each template, which comes with its first ones, and encode them."""
        each = max(1, round(flows / self.all_templates / RECORDS_IN_DATAGRAM)) * RECORDS_IN_DATAGRAM
        drawn = TrafficModel(has_ipv6=False).columns(each * self.all_templates, now)
        columns = values_of(drawn, version, now)
        layouts = [layout_of(version, number) for number in range(self.templates)]
        rows = [records(columns, layout, self, number) for number, layout in enumerate(layouts)]
        turns = [
            (exporter, domain, template)
            for template in range(self.templates)
            for domain in range(self.domains)
            for exporter in range(self.exporters)
        ]
        random.Random(str(self)).shuffle(turns)
        sequences = np.zeros((self.exporters, self.domains), np.int64)
        step = 1 if version == "netflow9" else RECORDS_IN_DATAGRAM
        payloads, exporters = [], []
        for place in range(each // RECORDS_IN_DATAGRAM):
            for exporter, domain, template in turns:
                data = rows[template][exporter, domain, place].tobytes()
                sets = b"" if place else template_set(version, template, layouts[template])
                sets += one_set(FIRST_TEMPLATE + template, data)
                sequence = int(sequences[exporter, domain])
                sequences[exporter, domain] += step
                count = RECORDS_IN_DATAGRAM + (place == 0)
                payloads.append(header(version, len(sets), count, sequence, domain, now) + sets)
                exporters.append(exporter)
        return Datagrams(
            version,
            len(payloads) * RECORDS_IN_DATAGRAM,
            payloads,
            np.array(exporters),
            np.arange(len(payloads)) * RECORDS_IN_DATAGRAM,
            sequences[:, 0],  # the same in each domain
        )


Layout = list[tuple[int, str, int]]


def layout_of(version: str, number: int) -> Layout:
    """The fields of a template, in its own order."""
    fields = [*FIELDS, *TIMES[version]]
    random.Random(number).shuffle(fields)
    return fields


def values_of(columns: Columns, version: str, now: int) -> Columns:
    """The columns as the fields have them."""
    boot = now - DAY if version == "netflow9" else 0
    times = {name: (columns[name] - boot) // MILLISECOND for name in ("start", "end")}
    hosts = {name: columns[name][:, 12:].copy().view(">u4").reshape(-1) for name in ("src_addr", "dst_addr")}
    return columns | times | hosts


def records(columns: Columns, layout: Layout, shape: Shape, template: int) -> Array:
    """The rows of one template, by exporter, domain and datagram."""
    rows = {name: columns[name].reshape(shape.templates, -1)[template] for _, name, _ in layout}
    made = np.empty(len(rows["bytes"]), [(name, f">u{octets}") for _, name, octets in layout])
    for name, column in rows.items():
        made[name] = column
    return made.reshape(shape.exporters, shape.domains, -1, RECORDS_IN_DATAGRAM)


def template_set(version: str, number: int, layout: Layout) -> bytes:
    """The set that says what the fields of a template are."""
    fields = b"".join(struct.pack(">HH", element, octets) for element, _, octets in layout)
    return one_set(TEMPLATE_SET[version], struct.pack(">HH", FIRST_TEMPLATE + number, len(layout)) + fields)


def one_set(number: int, content: bytes) -> bytes:
    """A set, padded to whole words."""
    padding = bytes(-len(content) % 4)
    return struct.pack(">HH", number, 4 + len(content) + len(padding)) + content + padding


def header(version: str, octets: int, count: int, sequence: int, domain: int, now: int) -> bytes:
    """What stands before the sets."""
    if version == "netflow9":
        return struct.pack(">HHIIII", 9, count, DAY // MILLISECOND, now // SECOND, sequence, domain)
    return struct.pack(">HHIII", 10, octets + HEADER_BYTES[version], now // SECOND, sequence, domain)
