"""What a collector counted, in the shape of ``--stats-json``."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.counters import MALFORMED
from tidegauge.flow.lost_records import Heard, Losses, losses
from tidegauge.flow.sampling_error import margin
from tidegauge.receiving.stream_listener import CONNECTION_COUNTERS, StreamListener
from tidegauge.store.copy_record import CopyFate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegauge.app.intake import Intake
    from tidegauge.receiving.listener import ExporterSnapshot

SCHEMA = 1
PROTOCOLS = ("netflow1", "netflow5", "netflow6", "netflow7", "netflow8", "netflow9", "ipfix", "sflow5")
_TEMPLATES = ("resumed", "changed", "withdrawn", "expired", "evicted", "borrowed")
# What only the writer knows; the intake's own sums tell.
_OF_THE_WRITER = {"stored", "lost_write"}


def told_exporter(snapshot: ExporterSnapshot) -> dict[str, Any]:
    """What one exporter sent, and what is known of it."""
    counters = {name: count for name, count in snapshot.counters.items() if name not in _OF_THE_WRITER}
    return {
        "exporter": snapshot.exporter,
        "port": snapshot.port,
        "protocol_version": snapshot.protocol_version,
        "observation_domain": snapshot.observation_domain,
        "templates": snapshot.templates,
        "sampling_interval": snapshot.sampling_interval,
        "last_received": text_from_instant(snapshot.last_received),
        "counters": counters,
    }


def written_exporter(snapshot: ExporterSnapshot) -> msgspec.Raw:
    """The same as JSON: of thousands of exporters it takes a tenth of the memory."""
    return msgspec.Raw(msgspec.json.encode(told_exporter(snapshot)))


def statistics(
    intakes: Sequence[Intake], told: Callable[[ExporterSnapshot], object] = told_exporter
) -> dict[str, Any]:
    """Add up the counters of all intakes.

    ``schema`` grows when a name changes its meaning or goes; names may be added without.
    """
    counters: Counter[str] = Counter()
    for intake in intakes:
        counters.update(intake.listener.counters())
    seen = [intake.listener.exporters() for intake in intakes]
    exporters = list(chain.from_iterable(seen))
    total = sum((_losses(*each) for each in zip(intakes, seen, strict=True)), start=Losses())
    lost_records = (
        sum(intake.lost for intake in intakes) + counters["lost_queue"] + round(total.records.value)
    )
    return (
        {
            "schema": SCHEMA,
            "datagrams": counters["datagrams"],
            "records": _records(exporters),
            "option_records": counters["option_records"],
            "stored": sum(intake.stored for intake in intakes),
            "parked": counters["parked"],
            "templates": {name: counters[f"{name}_templates"] for name in _TEMPLATES},
            "evicted_exporters": counters["evicted_sessions"],
            "lost": {
                "kernel": counters["lost_kernel"],
                "queue": counters["lost_queue"],
                "sequence": counters["lost_sequence"] - counters["found_sequence"],
                "no_template": counters["lost_no_template"],
                "malformed": {reason: counters[f"malformed_{reason}"] for reason in MALFORMED},
                "write": sum(intake.lost for intake in intakes),
                "records": lost_records,
                "records_error": margin(ceil(total.records.variance)),
            },
            "exporters": [told(snapshot) for snapshot in exporters],
        }
        | _connections(intakes)
        | _copies(intakes)
    )


def _losses(intake: Intake, exporters: Sequence[ExporterSnapshot]) -> Losses:
    """What was lost before anything could be decoded, in flow records."""
    counters = intake.listener.counters()
    heard = [Heard.of(each.protocol_version, each.counters) for each in exporters]
    refused = counters["malformed_short_header"] + counters["malformed_unknown_version"]
    return losses(heard, counters["lost_kernel"] - counters["shown_kernel"], refused)


def _connections(intakes: Sequence[Intake]) -> dict[str, Any]:
    """How connections began and ended, where there is a listener for them."""
    listeners = [one.listener for one in intakes if isinstance(one.listener, StreamListener)]
    if not listeners:
        return {}
    sums = sum((listener.connections for listener in listeners), Counter())
    return {"connections": {name: sums[name] for name in CONNECTION_COUNTERS}}


def _copies(intakes: Sequence[Intake]) -> dict[str, Any]:
    """What became of copies, where any are made: those that are kept, and those for each target."""
    found = [
        {"listener": str(intake.listener.address)} | msgspec.to_builtins(CopyFate.of(row))
        for intake in intakes
        for row in intake.listener.copies()
    ]
    return {"copies": found} if found else {}


def _records(exporters: Sequence[ExporterSnapshot]) -> dict[str, int]:
    records = dict.fromkeys(PROTOCOLS, 0)
    for snapshot in exporters:
        records[snapshot.protocol_version] += snapshot.counters["records"]
    return records
