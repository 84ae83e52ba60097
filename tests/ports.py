"""Ports for programs that must be told one beforehand."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below what Linux gives to sockets that connect or bind without naming a port: a port from there may be
# another test's connection before the program it was meant for has started.
_ASKED_FOR = range(16_384, 32_768)

_given: set[int] = set()


def free_port() -> int:
    """A port of loopback that nobody has, neither of UDP nor of TCP, and that is given only once."""
    for port in random.sample(_ASKED_FOR, len(_ASKED_FOR)):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError(f"no free port from {_ASKED_FOR.start} to {_ASKED_FOR.stop - 1} of 127.0.0.1")


def _is_free(port: int) -> bool:
    with ExitStack() as stack:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            probe = stack.enter_context(socket.socket(socket.AF_INET, kind))
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
