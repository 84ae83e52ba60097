"""NTS key establishment, the server's side: TLS sessions, each short and few at a time.

Anybody can connect, and a TLS session costs a thousand times what an answer over UDP does. So sessions are
limited in number, in time and in what they may say, all in all and for each address.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, Protocol, Self

from OpenSSL import SSL

from tidegauge.ntp.key_answer import answer_to, is_agreement
from tidegauge.ntp.key_establishment import (
    APPLICATION_PROTOCOL,
    EXPORTER_LABEL,
    KEY_BYTES,
    exporter_context,
)
from tidegauge.ntp.nts_records import MessageReader
from tidegauge.ntp.patience import Patience
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.ntp.nts_records import Record

SESSIONS = 64
SESSIONS_OF_ONE_ADDRESS = 8
SESSION_SECONDS = 2.0
MESSAGE_BYTES = 2048
"""A client's message has some twenty bytes; one that offers everything has some hundred."""

_BACKLOG = 128
_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors after which a connection may be accepted again, in a while."""
_PAUSE_SECONDS = 0.1

_log = Log(__name__)


class Sealer(Protocol):
    """Makes cookies: ``CookieKeys.seal``."""

    def __call__(self, client_to_server: bytes, server_to_client: bytes) -> bytes:
        """Lock a client's keys into a new cookie."""


class Certificate:
    """The files of a certificate chain and its key (PEM), read again when they change."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._paths = (chain, key)
        self._seen = self._changes()
        self.context = self._load()

    def refresh(self) -> None:
        """Take up renewed files. Ones that do not fit together are told of, and the old ones stay in use."""
        try:
            seen = self._changes()
            if seen == self._seen:
                return
            self._seen, self.context = seen, self._load()
        except OSError as error:
            _log.warning("certificate not renewed", reason=str(error))

    def _changes(self) -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in self._paths)

    def _load(self) -> SSL.Context:
        chain, key = self._paths
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_alpn_select_callback(_chosen_protocol)
        try:
            context.use_certificate_chain_file(str(chain))
            context.use_privatekey_file(str(key))
            context.check_privatekey()
        except SSL.Error:
            raise OSError(f"{chain} and {key} are not a certificate and its key (PEM)") from None
        return context


class KeyServer:
    """Establishes keys until closed, each session on a thread of its own. Port 0 takes a free one.

    ``admits`` says whether an address may ask. Raises OSError when the address is taken or not ours.
    """

    def __init__(
        self,
        address: tuple[str, int],
        certificate: Certificate,
        *,
        time_port: int,
        seal: Sealer,
        admits: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._certificate = certificate
        self._time_port = time_port
        self._seal = seal
        self._admits = admits
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(
            address, family=family, backlog=_BACKLOG, dualstack_ipv6=address[0] == "::"
        )
        self._guard = Lock()  # of what follows
        self._running: Counter[str] = Counter()
        self._threads: set[Thread] = set()
        self._totals: Counter[str] = Counter()
        self._accepting = Thread(target=self._accept, name="key-establishment")
        self._accepting.start()

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._listener.getsockname()[1])

    def refresh(self) -> None:
        """Take up a renewed certificate."""
        self._certificate.refresh()

    def counters(self) -> dict[str, int]:
        """Totals since the start: sessions by how they ended, and connections that were not let in."""
        names = ("established", "refused", "failed", "late", "busy", "denied")
        with self._guard:
            return {f"keys_{name}": self._totals[name] for name in names}

    def close(self) -> None:
        """Take no more connections, and wait for the sessions that run: ``SESSION_SECONDS`` at most."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        with self._guard:
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                link, peer = self._listener.accept()
            except ConnectionError:  # of one that has gone again
                continue
            except OSError as error:
                if error.errno not in _SHORTAGES:
                    return
                time.sleep(_PAUSE_SECONDS)
                continue
            address = peer[0].removeprefix("::ffff:")
            thread = Thread(target=self._serve, args=(link, address), name="key-session")
            if not self._let_in(address, thread):
                link.close()
                continue
            try:
                thread.start()
            except RuntimeError:  # no more threads
                link.close()
                self._let_out(address, thread, "busy")

    def _let_in(self, address: str, thread: Thread) -> bool:
        """Take a place for a session, or count why there is none."""
        is_admitted = self._admits(address)
        with self._guard:
            is_full = len(self._threads) >= SESSIONS or self._running[address] >= SESSIONS_OF_ONE_ADDRESS
            if is_full or not is_admitted:
                self._totals["busy" if is_admitted else "denied"] += 1
                return False
            self._running[address] += 1
            self._threads.add(thread)
        return True

    def _let_out(self, address: str, thread: Thread, end: str) -> None:
        """Count how a session ended, and give its place to others."""
        with self._guard:
            self._totals[end] += 1
            self._running -= Counter([address])  # and forgets who has none
            self._threads.discard(thread)

    def _serve(self, link: socket.socket, address: str) -> None:
        end = "failed"
        try:
            with link:
                end = self._converse(link)
        except TimeoutError:
            end = "late"
        except (OSError, SSL.Error, ValueError):
            pass  # whatever the other side did wrong is its own affair, and counted
        finally:
            self._let_out(address, current_thread(), end)

    def _converse(self, link: socket.socket) -> str:
        session = _Session(link, self._certificate.context, time.monotonic() + SESSION_SECONDS)
        records = session.message()
        keys = session.keys()
        answer = answer_to(records, self._time_port, lambda: self._seal(*keys))
        session.send(b"".join(record.to_bytes() for record in answer))
        return "established" if is_agreement(answer) else "refused"


class _Session:
    """One TLS connection, each step of which waits for the network until the deadline at most."""

    def __init__(self, link: socket.socket, context: SSL.Context, deadline: float) -> None:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)  # noqa: FBT003 -- the socket's own interface
        self._patience = Patience(link, deadline, "the session takes too long")
        self._tls = SSL.Connection(context, link)
        self._tls.set_accept_state()
        self._patience.wait_for(self._tls.do_handshake)
        if self._tls.get_alpn_proto_negotiated() != APPLICATION_PROTOCOL:
            raise ValueError("the client does not speak ntske/1")

    def message(self) -> tuple[Record, ...]:
        reader = MessageReader(MESSAGE_BYTES)
        while True:
            records = reader.feed(self._patience.wait_for(lambda: self._tls.recv(MESSAGE_BYTES)))
            if records is not None:
                return records

    def keys(self) -> tuple[bytes, bytes]:
        """The keys of both directions: the client's, then ours."""
        export = self._tls.export_keying_material
        to_server = export(EXPORTER_LABEL, KEY_BYTES, exporter_context(is_to_client=False))
        return to_server, export(EXPORTER_LABEL, KEY_BYTES, exporter_context(is_to_client=True))

    def send(self, message: bytes) -> None:
        while message:
            message = message[self._patience.wait_for(partial(self._tls.send, message)) :]
        with suppress(SSL.Error):
            self._tls.shutdown()


def _chosen_protocol(_connection: SSL.Connection, offered: list[bytes]) -> bytes:
    """Ours where it is offered; nothing ends the handshake."""
    return APPLICATION_PROTOCOL if APPLICATION_PROTOCOL in offered else b""
