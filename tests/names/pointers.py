"""A resolver on loopback that calls every address the same."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rrset


@contextmanager
def pointers(name: str, known: str = "") -> Iterator[str]:
    """Answer PTR questions that begin with ``known`` until the block ends; gives ``ADDR:PORT``."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.05)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            try:
                content, client = server.recvfrom(4096)
            except TimeoutError:
                continue
            question = dns.message.from_wire(content)
            reply = dns.message.make_response(question)
            asked = question.question[0].name
            if str(asked).startswith(known):
                reply.answer.append(dns.rrset.from_text(asked, 60, "IN", "PTR", name))
            server.sendto(reply.to_wire(), client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        is_over.set()
        thread.join()
        server.close()
