"""How many of a router's translations are heard while they begin at a given rate, beside a reader in Python.

    bench/translations.py --rate 26000 --seconds 4

A laptop in a network namespace begins connections, each a packet of UDP through a router that masquerades
it. Both readers hear the same events at the same time, with equal receive buffers; what they heard is held
against the number that began. Needs root.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the network of the tests

from tests.peers.masqueraded import masqueraded, setting
from tests.peers.routed import SERVER, Route

BUFFER_BYTES = 8 << 20
SETTLE_SECONDS = 2.0
SILENCE = "table ip silence { chain deaf { type filter hook input priority 0; policy drop; }; }"

OURS = f"""
import json, select, sys, time
from tidegauge._core import Meter
meter = Meter()
meter.translate(receive_buffer_bytes={BUFFER_BYTES})
before = time.process_time()
print("ready", flush=True)
heard = 0
while not select.select([sys.stdin], [], [], 0.2)[0]:
    heard += sum(map(len, meter.drain()))
heard += sum(map(len, meter.drain(everything=True)))
counters = meter.counters()
print(json.dumps({{
    "heard": counters["nat_created"] + counters["nat_deleted"], "rows": heard, "lost": counters["nat_lost"],
    "buffer": counters["nat_receive_buffer_bytes"], "seconds": time.process_time() - before}}))
"""

# The plainest reader there is: it takes each message's type off and counts.
PYTHON = f"""
import errno, json, select, socket, struct, sys, time
link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
link.setsockopt(socket.SOL_SOCKET, 33, {BUFFER_BYTES})
link.bind((0, 1 | 4))
link.settimeout(0.2)
before = time.process_time()
print("ready", flush=True)
heard = overruns = 0
def ends(message):
    # Attributes of the first level, and those of each tuple.
    found, place = {{}}, 20
    while place + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, place)
        if length < 4:
            break
        found[kind & 0x3fff] = message[place + 4:place + length]
        place += (length + 3) & ~3
    return found
while True:
    try:
        message = link.recv(32768)
    except TimeoutError:
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        continue
    except OSError as error:
        assert error.errno == errno.ENOBUFS
        overruns += 1
        continue
    ends(message)
    heard += 1
print(json.dumps({{"heard": heard, "overruns": overruns, "seconds": time.process_time() - before}}))
"""

TALK = """
import socket, sys, time
rate, count = float(sys.argv[2]), int(sys.argv[3])
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(1 + count // 50_000)]
begin = time.monotonic()
for number in range(count):
    while number % 50 == 0 and time.monotonic() < begin + number / rate:
        time.sleep(0.0002)
    sockets[number // 50_000].sendto(b"x", (sys.argv[1], 10_000 + number % 50_000))
print(count / (time.monotonic() - begin))
"""


def measure(way: Route, rate: float, seconds: float) -> tuple[float, dict[str, dict[str, Any]]]:
    """The rate that was reached, and what each reader says."""
    with ExitStack() as stack:
        readers = {
            name: stack.enter_context(
                subprocess.Popen(
                    [*way.router, sys.executable, "-c", script],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for name, script in (("tidegauge", OURS), ("Python", PYTHON))
        }
        for reader in readers.values():
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        talk = [*way.here, sys.executable, "-c", TALK, SERVER, str(rate), str(int(rate * seconds))]
        reached = float(subprocess.run(talk, capture_output=True, text=True, check=True).stdout)
        time.sleep(SETTLE_SECONDS)
        return reached, {name: json.loads(reader.communicate("\n")[0]) for name, reader in readers.items()}


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=26_000)
    parser.add_argument("--seconds", type=float, default=4)
    given = parser.parse_args()
    with masqueraded() as way:
        # Nobody answers, and no connection ends meanwhile.
        subprocess.run([*way.there, "nft", "-f", "-"], input=SILENCE, check=True, text=True)
        setting(way.router, "net/netfilter/nf_conntrack_udp_timeout", 60)
        reached, readers = measure(way, given.rate, given.seconds)
        began = int(given.rate * given.seconds)
    print(f"{began} connections began at {reached:.0f} a second")
    for name, told in readers.items():
        share = told["heard"] / began
        each = told["seconds"] / max(1, told["heard"]) * 1e6
        print(f"{name:>10}: heard {told['heard']} ({share:.2%}), {each:.2f} µs of processor each; {told}")


if __name__ == "__main__":
    main()
