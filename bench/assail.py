"""Sends hostile datagrams as fast as it can, from many forged addresses, and says how many it sent.

The addresses are those of 127.0.0.0/8, all of which the loopback has. One line of JSON goes to
standard output at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
import time

from hostility import Hostility

DRAWN = 5000


def sources(count: int, seed: int) -> list[socket.socket]:
    """Sockets, each with an address of its own."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind((f"127.{draw.randrange(1, 255)}.{draw.randrange(256)}.{draw.randrange(1, 255)}", 0))
        made.append(own)
    # The exporter that is already known, from another port.
    made[0].close()
    made[0] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made[0].bind(("127.0.0.1", 0))
    return made


def assail(target: tuple[str, int], seconds: float, senders: list[socket.socket], seed: int) -> int:
    """Send until the time is up; returns how many datagrams left."""
    datagrams = Hostility(seed).datagrams(DRAWN)
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        for _ in range(100):
            # The two counts have no common divisor: in time everybody sends everything.
            senders[sent % len(senders)].sendto(datagrams[sent % DRAWN], target)
            sent += 1
    return sent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", metavar="HOST:PORT")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--senders", type=int, default=701)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print", type=int, metavar="COUNT", help="show what would be sent, in hexadecimal")
    arguments = parser.parse_args()
    if arguments.print:
        print("\n".join(datagram.hex() for datagram in Hostility(arguments.seed).datagrams(arguments.print)))
        return
    if arguments.to is None:
        sys.exit(0)  # it is run by hostile.py
    host, port = arguments.to.rsplit(":", 1)
    senders = sources(arguments.senders, arguments.seed)
    begin = time.monotonic()
    sent = assail((host, int(port)), arguments.seconds, senders, arguments.seed)
    print(json.dumps({"datagrams": sent, "seconds": round(time.monotonic() - begin, 3)}))


if __name__ == "__main__":
    main()
