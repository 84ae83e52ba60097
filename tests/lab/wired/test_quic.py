from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from tests.lab.wired.test_internet import HOST, HOST_NAME
from tests.ports import free_port
from tidegauge.lab.wired.authority import AUTHORITY, certify
from tidegauge.lab.wired.quic import is_there, serve_quic, visits


def test_as_many_bytes_as_asked_for_come_from_whom_we_trust(tmp_path: Path) -> None:
    certify([HOST_NAME], tmp_path, time.time_ns())
    port = free_port()

    async def fetched(tls: ssl.SSLContext) -> None:
        server = await serve_quic(tmp_path, HOST, port)
        try:
            async with visits(HOST_NAME, tls, port) as fetch:
                for size in (1, 50_000):
                    await fetch(size)
        finally:
            server.close()

    asyncio.run(fetched(ssl.create_default_context(cafile=tmp_path / AUTHORITY)))
    certify([HOST_NAME], tmp_path, time.time_ns())
    stranger = ssl.create_default_context(cafile=tmp_path / AUTHORITY)
    certify([HOST_NAME], tmp_path, time.time_ns())
    with pytest.raises(ConnectionError):
        asyncio.run(fetched(stranger))


def test_it_is_there_for_tests() -> None:
    assert is_there()
