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
}
OURS = {"v5", "v9", "ipfix", ""}  # "" holds no export at all, and must give none


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
        rows = [row for row in csv.DictReader(file) if row["versions"] in OURS]
    return [
        Case(
            name=row["case"],
            scope=row["scope"],
            paths=tuple(str(folder / name) for name in row["files"].split(";")),
            records=Counter({key: int(row[column]) for column, key in COLUMNS.items() if int(row[column])}),
            sets_without_template=int(row["sets_no_template"]),
            messages=int(row["flow_msgs"]),
        )
        for row in rows
    ]


CASES = read_oracle(captures())
