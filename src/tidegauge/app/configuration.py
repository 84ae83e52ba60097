"""The one file that says what ``run`` runs: TOML, a table for each command whose work is to be done.

The words in a table are those of the command's options. A table that is not there is not run.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from tidegauge.app.copy_settings import KEEP_BYTES, CopySettings
from tidegauge.app.probing import ProbeTarget, probe_pause
from tidegauge.app.secret_file import secret_in
from tidegauge.app.time_service_order import TimeServiceOrder
from tidegauge.clock.duration_text import duration_from_text, text_from_duration
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.receiving.decoding_settings import MAXIMUM_EXPORTERS, MAXIMUM_FIELDS, DecodingSettings
from tidegauge.receiving.forward_target import ForwardTarget, refuse_loops
from tidegauge.receiving.listen_address import COLLECTOR_TRANSPORTS, ListenAddress
from tidegauge.receiving.listener import (
    MAXIMUM_RECEIVE_BUFFER,
    MAXIMUM_RECEIVERS,
    RECEIVE_BUFFER_MEBIBYTES,
)
from tidegauge.receiving.stream_settings import (
    DEFAULT_CONNECTIONS,
    IDLE_SECONDS,
    MAXIMUM_CONNECTIONS,
    StreamSettings,
)
from tidegauge.store.byte_text import bytes_from_text
from tidegauge.store.manifest import Retention
from tidegauge.store.place import default_lake
from tidegauge.web.gate import is_loopback
from tidegauge.web.http_address import HttpAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_VARIABLE = "TIDEGAUGE_TOKEN"  # noqa: S105 -- where the token is, not the token

EXAMPLE = """\
[collect]
listen = ["udp://0.0.0.0:2055"]

[serve]
http = "127.0.0.1:8480"
"""


_DECODING = DecodingSettings()


class ConfigurationError(OSError):
    """What the file says cannot be read, or not be meant."""


class CollectTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[collect]``: receive flow exports at the addresses ``listen``.

    An address is ``udp://HOST:PORT``, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.
    ``stats_json`` is a file to keep what was received, stored and lost in, ``elements`` one that names
    elements. ``receivers`` is how many threads receive at each UDP address, ``receive_buffer`` how many
    mebibytes of datagrams the kernel may hold for each. ``keep``,
    ``keep_rollups`` and ``keep_ledger`` are ages at which flows, their sums and the ledger go, ``keep_bytes``
    is the size above which the oldest flows go. ``keep_raw`` is how long datagrams are kept as they came, of
    which ``keep_raw_bytes`` at most; ``forward`` names other collectors, which see whose address
    ``forward_source`` says. The others say how connections are taken, and how what comes is decoded: see
    ``StreamSettings`` and ``DecodingSettings``.
    """

    listen: tuple[str, ...]
    stats_json: Path | None = None
    elements: Path | None = None
    receivers: Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_RECEIVERS)] = 1
    receive_buffer: Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_RECEIVE_BUFFER)] = RECEIVE_BUFFER_MEBIBYTES
    maximum_connections: Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_CONNECTIONS)] = DEFAULT_CONNECTIONS
    connection_idle: Annotated[float, msgspec.Meta(gt=0)] = IDLE_SECONDS
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_trusted: Path | None = None
    maximum_exporters: Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_EXPORTERS)] = MAXIMUM_EXPORTERS
    maximum_templates: Annotated[int, msgspec.Meta(ge=1)] = _DECODING.maximum_templates
    maximum_fields: Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_FIELDS)] = _DECODING.maximum_fields
    maximum_sources: Annotated[int, msgspec.Meta(ge=1)] = _DECODING.maximum_sources
    template_memory: Annotated[int, msgspec.Meta(ge=1)] = _DECODING.template_memory
    template_lifetime: str = text_from_duration(_DECODING.template_lifetime)
    parked_memory: Annotated[int, msgspec.Meta(ge=0)] = _DECODING.parked_memory
    parked_memory_each: Annotated[int, msgspec.Meta(ge=0)] = _DECODING.parked_memory_each
    parked_age: str = text_from_duration(_DECODING.parked_age)
    template_scope: Literal["exporter", "port"] = "exporter"
    udp_withdrawals: Literal["heed", "ignore"] = "heed"
    read_v9_sets: bool = False
    keep: str = ""
    keep_bytes: str = ""
    keep_rollups: str = ""
    keep_ledger: str = ""
    keep_raw: str = ""
    keep_raw_bytes: str = ""
    forward: tuple[str, ...] = ()
    forward_source: Literal["exporter", "own"] = "exporter"

    @property
    def retention(self) -> Retention:
        """How long to keep what; nothing said is for ever. Raises ValueError."""
        words = self.keep, self.keep_rollups, self.keep_ledger
        flows, rollups, ledger = (duration_from_text(text) if text else None for text in words)
        size = bytes_from_text(self.keep_bytes) if self.keep_bytes else None
        return Retention(flows=flows, rollups=rollups, ledger=ledger, bytes=size)

    @property
    def copies(self) -> CopySettings:
        """What is done with datagrams beside. Raises ValueError, also where they would come back to us."""
        targets = tuple(ForwardTarget.parse(target) for target in self.forward)
        refuse_loops(self.addresses, targets)
        return CopySettings(
            duration_from_text(self.keep_raw) if self.keep_raw else None,
            bytes_from_text(self.keep_raw_bytes) if self.keep_raw_bytes else KEEP_BYTES,
            targets,
            self.forward_source == "exporter",
        )

    @property
    def decoding(self) -> DecodingSettings:
        """How to decode. Raises ValueError for what is no duration."""
        same = {name: getattr(self, name) for name in DecodingSettings._fields}
        durations = ("template_lifetime", "parked_age")
        return DecodingSettings(**same | {name: duration_from_text(same[name]) for name in durations})

    @property
    def addresses(self) -> list[ListenAddress]:
        """Where to listen. Raises ValueError."""
        return [ListenAddress.parse(address, COLLECTOR_TRANSPORTS) for address in self.listen]

    @property
    def streams(self) -> StreamSettings:
        """How to take connections."""
        return StreamSettings(
            maximum_connections=self.maximum_connections,
            idle_seconds=self.connection_idle,
            tls_certificate=self.tls_certificate,
            tls_key=self.tls_key,
            tls_trusted=self.tls_trusted,
        )


class ServeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[serve]``: the dashboard and the API at ``http``.

    ``token_file`` holds what strangers must know, needed for any address but loopback; without it the
    environment may hold the token.
    """

    http: str = "127.0.0.1:8480"
    token_file: Path | None = None

    @property
    def address(self) -> HttpAddress:
        """Where to answer. Raises ValueError."""
        return HttpAddress.parse(self.http)

    def token(self, environment: Mapping[str, str] = os.environ) -> str | None:
        """What strangers must know. Raises ValueError where it is needed, and neither there nor a secret."""
        token = secret_in(self.token_file) if self.token_file else environment.get(TOKEN_VARIABLE)
        if not token and not is_loopback(self.address.host):
            raise ValueError(
                f"{self.address.host} can be reached from elsewhere; give token_file or ${TOKEN_VARIABLE}"
            )
        return token or None


class TimeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[time]``: judge our own clock by servers, and with ``[time.serve]`` pass the time on.

    ``sources`` are NTP servers, ``trusted`` is a file of certificates to trust for NTS.
    """

    sources: tuple[str, ...] = ()
    trusted: Path | None = None
    serve: TimeServiceOrder | None = None

    @property
    def addresses(self) -> list[ServerAddress]:
        """Whom to ask. Raises ValueError."""
        return [ServerAddress.parse(source) for source in self.sources]


class ProbeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[exchanges.probe]``: ask exporters themselves what time it is.

    ``targets`` are written ``ntp://HOST`` or ``icmp://HOST``, ``every`` is how often each is asked.
    """

    targets: tuple[str, ...]
    every: str = "5m"

    @property
    def whom(self) -> list[ProbeTarget]:
        """Whom to ask. Raises ValueError."""
        return [ProbeTarget.parse(target) for target in self.targets]

    @property
    def every_seconds(self) -> float:
        """How often. Raises ValueError for what is no duration, or too often."""
        return probe_pause(self.every)


class ExchangesTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[exchanges]``: what we ask others that bounds the clocks of exporters."""

    probe: ProbeTable


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. ``lake`` is the folder of the lake; paths are taken from the file's folder on."""

    lake: Path = msgspec.field(default_factory=default_lake)
    collect: CollectTable | None = None
    serve: ServeTable | None = None
    time: TimeTable | None = None
    exchanges: ExchangesTable | None = None

    def check(self, now: int) -> None:
        """See that everything can be meant, at ``now``. Raises ValueError and OSError with a sentence."""
        if not (self.collect or self.serve or self.time or self.exchanges):
            raise ValueError(f"nothing is to be run; write a table, for example:\n\n{EXAMPLE}")
        if self.collect and not self.collect.addresses:
            raise ValueError("[collect] names no address to listen at")
        if self.collect:
            self.collect.streams.check(self.collect.addresses)
            _ = self.collect.decoding, self.collect.retention, self.collect.copies
        if self.serve:
            self.serve.token()
        if self.exchanges:
            _ = self.exchanges.probe.whom, self.exchanges.probe.every_seconds
        if self.time:
            _ = self.time.addresses
            if self.time.serve:
                self.time.serve.plan(now)

    def to_json(self) -> bytes:
        """Every word with what it means here, defaults as well."""
        return msgspec.json.format(msgspec.json.encode(self, enc_hook=str), indent=2)


def default_place(environment: Mapping[str, str] = os.environ) -> Path:
    """``$TIDEGAUGE_CONFIG``, else ``tidegauge.toml`` where the system or this user keeps configurations."""
    if named := environment.get("TIDEGAUGE_CONFIG"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/etc/tidegauge.toml")
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "tidegauge.toml"


def configuration_from_file(path: Path, now: int) -> Configuration:
    """Read a file, and see that all of it can be meant. Raises ConfigurationError."""
    folder = path.absolute().parent

    def place(kind: type, told: object) -> object:
        if kind is Path and isinstance(told, str):
            return folder / Path(told).expanduser()
        raise TypeError(f"expected {kind.__name__}")

    if not path.exists():
        raise ConfigurationError(f"there is no {path}; write what to run there, for example:\n\n{EXAMPLE}")
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=Configuration, dec_hook=place)
        found.check(now)
    except (msgspec.DecodeError, OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return found
