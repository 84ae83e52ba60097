"""kill -9 under load: what is lost, and whether the ledger knows.

Every flow carries the sender's number. After the kill the numbers in the lake are compared with what
had been sent a second earlier: all of those must be there, once. The ledger must then say how many
flows were received and not stored, and its sums must agree with the rows.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from collectors import BENCH, tidegauge_command
from datagrams import VERSIONS, encode
from numpy.typing import NDArray
from process import Watched, free_port, wait_for_port
from report import Row, show
from traffic_model import TrafficModel

from tidegauge.store.lake import Lake

PROMISED_SECONDS = 1.0


def stored_numbers(lake: Path) -> NDArray[np.int64]:
    """Read the sender's numbers back from every file that a reader of the lake would open."""
    with Lake.open(lake).generation() as generation:
        paths = [segment.path for segment in generation.segments("flows")]
        sql = "SELECT in_interface::BIGINT * 65536 + out_interface FROM read_parquet(?) ORDER BY 1"
        column = duckdb.execute(sql, [paths]).fetchnumpy() if paths else {"": np.zeros(0)}
    return np.asarray(next(iter(column.values())), dtype=np.int64)


def ledger(lake: Path) -> dict[str, int]:
    """Sum the ledger as anybody would read it."""
    command = [sys.executable, "-m", "tidegauge", "ledger", "--lake", str(lake), "--format", "json"]
    done = subprocess.run([*command, "--limit", "0"], check=True, capture_output=True)
    rows = json.loads(done.stdout)
    return {name: sum(row[name] or 0 for row in rows) for name in ("records", "stored", "lost_write")}


def sent_by(reports: Sequence[dict[str, float]], moment: float) -> int:
    """How many flows had surely left at a moment."""
    return max((int(report["flows"]) for report in reports if report["time"] <= moment), default=0)


def kill_under_load(datagrams: Path, rate: float, after_seconds: float, folder: Path) -> Row:
    """Send, kill the collector in the middle, and take stock; raises SystemExit on a broken promise."""
    lake = folder / "lake"
    port = free_port()
    command = [sys.executable, str(BENCH / "send.py"), str(datagrams), "--to", f"127.0.0.1:{port}"]
    with Watched(tidegauge_command(port, lake), folder / "log") as watched:
        wait_for_port(port)
        sender = subprocess.Popen([*command, "--rate", str(rate)], stdout=subprocess.PIPE, text=True)
        assert sender.stdout is not None
        first = sender.stdout.readline()
        time.sleep(after_seconds)
        killed = time.time()
        watched.stop(signal.SIGKILL)
    reports = [json.loads(line) for line in [first, *sender.communicate()[0].splitlines()]]
    return stock(lake, sent_by(reports, killed - PROMISED_SECONDS), sent_by(reports, killed))


def stock(lake: Path, sent_a_second_earlier: int, sent_at_kill: int) -> Row:
    """Compare the lake, its ledger and the sender."""
    numbers = stored_numbers(lake)
    counters = ledger(lake)
    owed = np.arange(sent_a_second_earlier)
    return {
        "sent_1s_before_kill": sent_a_second_earlier,
        "sent_at_kill": sent_at_kill,
        "stored": len(numbers),
        "duplicates": len(numbers) - len(np.unique(numbers)),
        "owed_but_missing": len(np.setdiff1d(owed, numbers)),
        "ledger_received": counters["records"],
        "ledger_stored": counters["stored"],
        "ledger_lost_write": counters["lost_write"],
    }


def broken_promises(row: Row) -> list[str]:
    """Say which of the promises a run did not keep."""
    promises = {
        "a row was stored twice": row["duplicates"] == 0,
        "more than the last second was lost": row["owed_but_missing"] == 0,
        "the ledger received less than was sent": row["ledger_received"] >= row["sent_1s_before_kill"],
        "the ledger counts other rows than there are": row["ledger_stored"] == row["stored"],
        "the ledger's loss is not received minus stored": row["ledger_lost_write"]
        == row["ledger_received"] - row["ledger_stored"],
    }
    return [promise for promise, is_kept in promises.items() if not is_kept]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", choices=VERSIONS, default="ipfix")
    parser.add_argument("--rate", type=float, default=100_000, help="flows per second")
    parser.add_argument("--seconds", type=float, default=4.0, help="of load before the kill")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    model = TrafficModel(has_ipv6=arguments.version != "netflow5")
    flows = int(arguments.rate * (arguments.seconds + 3))
    rows = []
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        path = Path(top) / "datagrams"
        encode(model, arguments.version, flows, exporters=4, numbered=True, now=time.time_ns()).save(path)
        for number in range(arguments.rounds):
            folder = Path(top) / str(number)
            folder.mkdir()
            rows.append(kill_under_load(path, arguments.rate, arguments.seconds + number * 0.37, folder))
    show(f"kill -9 under {arguments.rate:,.0f} flows/s of {arguments.version}", rows)
    if broken := sorted({promise for row in rows for promise in broken_promises(row)}):
        sys.exit(f"promises broken: {'; '.join(broken)}")


if __name__ == "__main__":
    main()
