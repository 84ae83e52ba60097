"""Export datagrams made ahead of time, so that sending them costs next to nothing.

One file holds the datagrams of several exporters in the order of sending. Sending it again and
again continues each exporter's sequence numbers, so a collector sees one long export.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from traffic_model import DAY, KINDS, SECOND, Columns, TrafficModel

from tidegauge.metering.encoder import Batch, Encoder

VERSIONS = ("netflow5", "netflow9", "ipfix")
# Where each header keeps its 32-bit sequence number.
SEQUENCE_OFFSET = {"netflow5": 16, "netflow9": 12, "ipfix": 8}
ROWS_PER_EXPORT = 1000


@dataclass(frozen=True)
class Datagrams:
    """``exporters[i]`` sends datagram ``i``, and ``numbers[i]`` flows were encoded before its batch.

    ``sequence_steps`` is how far each exporter's sequence number moves when the file is sent once.
    """

    version: str
    flows: int
    payloads: list[bytes]
    exporters: NDArray[np.int64]
    numbers: NDArray[np.int64]
    sequence_steps: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Write the file."""
        with path.open("wb") as file:
            np.savez(
                file,
                version=np.array(self.version),
                flows=np.array(self.flows),
                lengths=np.array([len(payload) for payload in self.payloads]),
                octets=np.frombuffer(b"".join(self.payloads), np.uint8),
                exporters=self.exporters,
                numbers=self.numbers,
                sequence_steps=self.sequence_steps,
            )

    @classmethod
    def load(cls, path: Path) -> Datagrams:
        """Read a file that ``save`` wrote."""
        with np.load(path) as arrays:
            octets = arrays["octets"].tobytes()
            ends = np.cumsum(arrays["lengths"]).tolist()
            payloads = [octets[start:end] for start, end in zip([0, *ends], ends, strict=False)]
            return cls(
                str(arrays["version"]),
                int(arrays["flows"]),
                payloads,
                arrays["exporters"],
                arrays["numbers"],
                arrays["sequence_steps"],
            )


def encode(
    model: TrafficModel,
    version: str,
    flows: int,
    *,
    exporters: int,
    numbered: bool,
    now: int,
    span: int = SECOND,
    clock_step: int = 1,
    sending: int = 0,
) -> Datagrams:
    """Draw flows that ended within ``span`` before ``now``, deal them to exporters in turn and encode them.

    Headers tell ``now``, or when each datagram goes where that takes nanoseconds of ``sending`` from then on.
    Their times are whole steps of the exporters' clock, in nanoseconds: IPFIX tells those of a
    millisecond as most routers do, and any finer ones in NTP's format.

    With ``numbered`` each flow carries its own number, from 0 in the order of sending, in its two
    interface fields: the only 32 bits that survive in v5, v9, IPFIX and our columns alike.
    """
    encoders = [
        Encoder(version, observation_domain=domain, boot_time=now - DAY) for domain in range(exporters)
    ]
    payloads: list[bytes] = []
    senders: list[int] = []
    numbers: list[int] = []
    records = np.zeros(exporters, np.int64)
    columns = model.columns(flows, now, span=span)
    columns |= {name: columns[name] // clock_step * clock_step for name in ("start", "end")}
    if numbered:
        columns |= numbering(flows)
    for turn, start in enumerate(range(0, flows, ROWS_PER_EXPORT)):
        exporter = turn % exporters
        rows = {name: column[start : start + ROWS_PER_EXPORT] for name, column in columns.items()}
        made = encoders[exporter].encode(batch_of(rows), now + sending * start // flows)
        payloads += made
        senders += [exporter] * len(made)
        numbers += [start] * len(made)
        records[exporter] += len(rows["bytes"])
    steps = np.bincount(senders, minlength=exporters) if version == "netflow9" else records
    return Datagrams(version, flows, payloads, np.array(senders), np.array(numbers), steps)


def batch_of(columns: Columns) -> Batch:
    """Hand columns over as bytes, which fit whatever their item size."""
    return Batch({name: column.tobytes() for name, column in columns.items()})


def numbering(flows: int) -> Columns:
    """Return the interface columns that number the flows."""
    number = np.arange(flows, dtype=np.uint32)
    return {"in_interface": number >> 16, "out_interface": number & 0xFFFF}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", choices=VERSIONS, default="ipfix")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--exporters", type=int, default=10)
    parser.add_argument("--numbered", action="store_true")
    parser.add_argument("--output", type=Path, help="where to keep the datagrams for send.py")
    arguments = parser.parse_args()
    model = TrafficModel(arguments.kind, has_ipv6=arguments.version != "netflow5")
    made = encode(
        model,
        arguments.version,
        arguments.flows,
        exporters=arguments.exporters,
        numbered=arguments.numbered,
        now=time.time_ns(),
    )
    octets = sum(map(len, made.payloads))
    print(f"{made.flows} flows, {len(made.payloads)} datagrams, {octets / made.flows:.1f} bytes a flow")
    if arguments.output:
        made.save(arguments.output)


if __name__ == "__main__":
    main()
