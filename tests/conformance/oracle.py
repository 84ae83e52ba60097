"""The oracle: what an independent count says each capture holds.

``ORACLE.csv`` has a row for each capture and for each case of several captures read in order
(templates in one, data in the next). Two programs not ours agree on it, or the row says where and
why they differ; the rows then follow the RFC.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.surroundings import captures

# Column of the oracle: the protocol version and the counter of ours that must equal it.
COLUMNS = {
    "rec_v5": ("netflow5", "records"),
    "rec_v9": ("netflow9", "records"),
    "rec_v9_options": ("netflow9", "option_records"),
    "rec_ipfix": ("ipfix", "records"),
    "rec_ipfix_options": ("ipfix", "option_records"),
    "rec_v1": ("netflow1", "records"),
    "rec_v7": ("netflow7", "records"),
    "rec_v8": ("netflow8", "records"),
    "sflow_flow": ("sflow5", "records"),
    "sflow_flow_exp": ("sflow5", "records"),
    "sflow_drop": ("sflow5", "records"),
    "sflow_counter": ("sflow5", "option_records"),
    "sflow_counter_exp": ("sflow5", "option_records"),
}


# NetFlow 5 that was sent to sFlow's port: the oracle took it for malformed sFlow, as tcpdump's golden file
# beside it does, of "version 327681", which is version 5 and one record. (messages, records)
MISSED = {
    "the-tcpdump-group__tcpdump/tests/sflow_multiple_counter_30_pdus.pcap": (5, {("netflow5", "records"): 7})
}


@dataclass(frozen=True)
class Case:
    """Captures read in one session, and what they hold."""

    name: str
    scope: str
    paths: tuple[str, ...]
    records: Mapping[tuple[str, str], int]
    sets_without_template: int
    messages: int


def read_oracle(folder: Path) -> list[Case]:
    oracle = folder / "ORACLE.csv"
    if not oracle.is_file():
        return []
    with oracle.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(
            name=row["case"],
            scope=row["scope"],
            paths=tuple(str(folder / name) for name in row["files"].split(";")),
            records=_records(row) + Counter(MISSED.get(row["case"], (0, {}))[1]),
            sets_without_template=int(row["sets_no_template"]),
            messages=int(row["flow_msgs"]) + MISSED.get(row["case"], (0,))[0],
        )
        for row in rows
    ]


def _records(row: Mapping[str, str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for column, key in COLUMNS.items():
        found[key] += int(row[column])
    return +found


CASES = read_oracle(captures())
