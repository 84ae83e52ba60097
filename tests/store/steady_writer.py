"""A writer to be killed: appends flows numbered from a start, and compacts as fast as it can.

Run as ``python steady_writer.py LAKE WRITER FIRST``. Its clock runs a minute per set, so that hours end and
graces pass all the time. It prints each number once a set with it is stored.
"""

from __future__ import annotations

import itertools
import sys
import threading
from pathlib import Path

from tests.numbered_flows import NOON, SECOND, batches
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

STEP = 60 * SECOND


def main(path: str, writer_id: str, first: int) -> None:
    writer = LakeWriter(Lake.open(Path(path)), writer_id)
    numbers = itertools.count(first)
    arrived = NOON + first * STEP

    def compact() -> None:
        while True:
            writer.compact(arrived)

    threading.Thread(target=compact, daemon=True).start()
    for number in numbers:
        arrived = NOON + number * STEP
        writer.append(batches([number], arrived, writer_id))
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
