"""QUIC, where aioquic is installed: somebody fetches over it, and a server gives.

Each stream asks for a number of bytes and gets them, without HTTP/3 around it. Without aioquic the same is
fetched over TLS, and acts say which it was.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tidegauge.lab.wired.authority import CHAIN, KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aioquic.asyncio.protocol import QuicConnectionProtocol
    from aioquic.asyncio.server import QuicServer

    Fetch = Callable[[int], Awaitable[None]]

PORT = 443
_ALPN = ["h3"]


def is_there() -> bool:
    """Whether QUIC can be spoken here."""
    return find_spec("aioquic") is not None


async def serve_quic(folder: Path, host: str, port: int = PORT) -> QuicServer:
    """Give what is asked for, with the certificate of a folder, until what is returned is closed."""
    from aioquic.asyncio.server import serve  # noqa: PLC0415 (not installed everywhere)
    from aioquic.quic.configuration import QuicConfiguration  # noqa: PLC0415 (the same)

    configuration = QuicConfiguration(is_client=False, alpn_protocols=_ALPN)
    configuration.load_cert_chain(folder / CHAIN, folder / KEY)
    answers: set[asyncio.Task[None]] = set()

    def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = asyncio.get_running_loop().create_task(_give(reader, writer))
        answers.add(answer)
        answer.add_done_callback(answers.discard)

    return await serve(host, port, configuration=configuration, stream_handler=begun)


def visits(name: str, tls: ssl.SSLContext, port: int = PORT) -> AbstractAsyncContextManager[Fetch]:
    """What connects, once it is entered, to a site that ``tls`` can trust, and gives what fetches from it."""
    from aioquic.asyncio.client import connect  # noqa: PLC0415 (not installed everywhere)
    from aioquic.quic.configuration import QuicConfiguration  # noqa: PLC0415 (the same)

    trusted = "".join(map(ssl.DER_cert_to_PEM_cert, tls.get_ca_certs(binary_form=True)))
    configuration = QuicConfiguration(alpn_protocols=_ALPN, server_name=name)
    configuration.load_verify_locations(cadata=trusted.encode())
    return _visit(name, connect(name, port, configuration=configuration))


@asynccontextmanager
async def _visit(
    name: str, connecting: AbstractAsyncContextManager[QuicConnectionProtocol]
) -> AsyncIterator[Fetch]:
    async with connecting as client:

        async def fetch(size: int) -> None:
            reader, writer = await client.create_stream()
            writer.write(b"%d" % size)
            writer.write_eof()
            if len(await reader.read()) != size:
                raise ConnectionError(f"{name} gave less than {size} bytes")

        yield fetch


async def _give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(int(await reader.read())))
    writer.write_eof()
