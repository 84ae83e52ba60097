"""Collectors with one receiver and with several, in turn: the same datagrams at the same pace.

Shows flows per CPU-second (user and system time of the whole process, start and end included), the seconds of
each receiver's thread, and what was lost. ``--against`` runs the collector of another tree beside, with one
receiver. The sender has one processor, and the collector all, so that on two cores the second receiver
has none of its own: what is seen there is what sharing costs. The full run:

    bench/receivers.py --flows 3000000 --rate 300000 --rounds 5
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from collect import send
from collectors import tidegauge_command, tidegauge_stored
from datagrams import VERSIONS, encode
from process import Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show
from traffic_model import TrafficModel

FLOWS_IN_FILE = 1_000_000


def measure(name: str, tree: Path | None, receivers: int, datagrams: Path, rate: float, loops: int) -> Row:
    """Run one collector from start to end under load."""
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        folder, port = Path(top) / "flows", free_port()
        _, *words = tidegauge_command(port, folder)
        command = [str(tree / ".venv/bin/python") if tree else tidegauge_command(port, folder)[0], *words]
        if receivers > 1:
            command += ["--receivers", str(receivers)]
        with Watched(command, Path(top) / "log") as watched:
            wait_for_port(port)
            sent = send(datagrams, port, rate, loops)
            wait_until_idle(watched.process)
            threads = seconds_of_threads(watched.process.pid)
            watched.stop()
        stored = tidegauge_stored(folder)
    return {
        "collector": name,
        "stored": stored,
        "lost": int(sent["flows"]) - stored,
        "sent_per_second": sent["flows_per_second"],
        "cpu_seconds": watched.usage.cpu_seconds,
        "flows_per_cpu_second": stored / watched.usage.cpu_seconds,
        "receiving": [threads[name] for name in sorted(threads) if name.startswith("udp receiver")],
    }


def seconds_of_threads(pid: int) -> dict[str, float]:
    """Processor time of each thread of a program by now, by its name."""
    found: defaultdict[str, float] = defaultdict(float)
    for folder in Path(f"/proc/{pid}/task").iterdir():
        name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        fields = rest.split()
        found[name] += (int(fields[11]) + int(fields[12])) / 100
    return found


def summed_up(rounds: Sequence[Sequence[Row]]) -> list[Row]:
    """Medians of each collector over the rounds, beside the first one's of the same round."""
    rows = []
    for place, row in enumerate(rounds[0]):
        mine = [each[place] for each in rounds]
        ratios = [each[place]["flows_per_cpu_second"] / each[0]["flows_per_cpu_second"] for each in rounds]
        middle = {
            name: statistics.median(each[name] for each in mine)
            for name in ("stored", "lost", "sent_per_second", "cpu_seconds", "flows_per_cpu_second")
        }
        shares = [
            statistics.median(seconds) for seconds in zip(*(each["receiving"] for each in mine), strict=True)
        ]
        rows.append(
            row
            | {name: round(value, 2) for name, value in middle.items()}
            | {"receiving": [round(share, 2) for share in shares]}
            | {
                "speed_ratio": round(statistics.median(ratios), 3),
                "speed_ratios": [round(it, 2) for it in ratios],
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=200_000)
    parser.add_argument("--rate", type=float, default=200_000, help="flows per second")
    parser.add_argument("--version", choices=VERSIONS, default="ipfix")
    parser.add_argument("--exporters", type=int, default=40)
    parser.add_argument("--receivers", type=int, nargs="*", default=[2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--against", type=Path, help="a tree of another state, as `make setup` leaves it")
    arguments = parser.parse_args()
    in_file = min(arguments.flows, FLOWS_IN_FILE)
    loops = max(1, arguments.flows // in_file)
    wanted = [("1", None, 1), *((str(count), None, count) for count in arguments.receivers)]
    if arguments.against:
        wanted.append((f"1 of {arguments.against.name}", arguments.against, 1))
    with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
        path = Path(folder) / "datagrams"
        model = TrafficModel("realistic", has_ipv6=arguments.version != "netflow5")
        now = time.time_ns()
        made = encode(
            model, arguments.version, in_file, exporters=arguments.exporters, numbered=False, now=now
        )
        made.save(path)
        rounds = [
            [measure(*which, path, arguments.rate, loops) for which in wanted]
            for _ in range(arguments.rounds)
        ]
    show(f"receivers {arguments.version} at {arguments.rate:,.0f} flows/s", summed_up(rounds))


if __name__ == "__main__":
    main()
