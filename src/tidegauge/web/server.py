"""The server: HTTP on a thread of its own, so that it can live inside any command."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.applications import Starlette

START_SECONDS = 10.0
# Streams end by themselves at once; this is how long a running query may still answer.
STOP_SECONDS = 1


class _Uvicorn(uvicorn.Server):
    """Tells open streams to end before it waits for them, which uvicorn would do without end."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


class Server:
    """An application behind an address.

    The port is taken when the object is made, so a taken one is an OSError there; port 0 takes a free one,
    and ``port`` and ``address`` tell which.
    """

    def __init__(self, application: Starlette, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        bound_host, self.port = self._socket.getsockname()[:2]
        self.address = (
            f"http://[{bound_host}]:{self.port}" if ":" in host else f"http://{bound_host}:{self.port}"
        )
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            lifespan="on",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._uvicorn = _Uvicorn(config, application.state.stopping)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Serve, and return once requests are answered."""
        self._thread.start()
        if not self._uvicorn.is_up.wait(START_SECONDS):
            raise TimeoutError(f"the web server at {self.address} did not start within {START_SECONDS:.0f} s")

    def stop(self) -> None:
        """End open streams, answer what is under way, and free the port; takes about a fifth of a second."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._uvicorn.run(sockets=[self._socket])
