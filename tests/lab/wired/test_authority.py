from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from threading import Thread

import pytest

from tidegauge.lab.wired.authority import AUTHORITY, CHAIN, KEY, certify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certify(["a.example", "b.example"], tmp_path, time.time_ns())
    return tmp_path


def greeted(folder: Path, name: str) -> None:
    """Shake hands with a server of the folder's certificate, which is to be who ``name`` says."""
    there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    there.load_cert_chain(folder / CHAIN, folder / KEY)
    here = ssl.create_default_context(cafile=folder / AUTHORITY)
    server, client = socket.socketpair()

    def answer() -> None:
        try:
            there.wrap_socket(server, server_side=True).close()
        except OSError:
            server.close()

    answering = Thread(target=answer)
    answering.start()
    try:
        here.wrap_socket(client, server_hostname=name).close()
    finally:
        client.close()
        answering.join()


def test_who_trusts_the_authority_knows_the_server_by_each_of_its_names(folder: Path) -> None:
    greeted(folder, "a.example")
    greeted(folder, "b.example")


def test_it_is_nobody_else(folder: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"c\.example"):
        greeted(folder, "c.example")
