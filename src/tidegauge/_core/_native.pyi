from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self, TypeAlias, final

from typing_extensions import Buffer, CapsuleType

__all__ = [
    "Batch",
    "Decoder",
    "Encoder",
    "ExporterSnapshot",
    "Meter",
    "Receiver",
    "Replay",
    "SegmentWriter",
    "TimeServer",
    "search",
]

_CopyOrder: TypeAlias = tuple[str | None, int, Sequence[tuple[str, int]], bool]

@final
class Batch:
    """Rows of one lake table (``flows``, ``options``, ``sightings`` or ``ledger``), held as Arrow columns.

    Immutable. DuckDB, pyarrow, polars and nanoarrow read it without a copy through the
    Arrow PyCapsule protocol.
    """

    def __new__(cls, columns: Mapping[str, Buffer]) -> Self:
        """Build flow rows from native-endian column buffers.

        Each value is a buffer whose items have the column's width in ``schema/fields.toml``:
        16 bytes for an address, 8 for an instant (nanoseconds since 1970), 6 for a MAC.
        ``site``, ``user`` and ``application`` take UTF-8 separated by newlines, one line a row,
        an empty line for null. A column left out is null in every row.

        Raises ValueError when a name is unknown, a length does not fit, or lengths differ.
        """

    @property
    def table(self) -> str:
        """Name of the lake table the rows belong to."""

    def __len__(self) -> int: ...
    def total(self, column: str) -> int:
        """Sum of a column of 64-bit counters, such as ``packets``; raises ValueError for any other."""

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType: ...

@final
class ExporterSnapshot:
    """What one exporter looked like at one moment: a (version, observation domain) of an address."""

    exporter: str
    port: int
    protocol_version: str
    observation_domain: int
    templates: int
    sampling_interval: int | None
    last_received: int
    counters: dict[str, int]

@final
class Decoder:
    """Datagrams in, flow rows out; no sockets and no clock of its own.

    Templates and sequence numbers live in the decoder, so one decoder is one session.
    With ``verbatim`` every element of a record lands in ``other`` by name, and nothing is
    sorted into columns: what ``tidegauge decode`` prints. With ``dissects`` messages are taken apart as well.
    """

    def __new__(
        cls,
        *,
        writer: str = "",
        verbatim: bool = False,
        dissects: bool = False,
        counters_path: str | None = None,
        settings: Mapping[str, int] | None = None,
        knowledge: tuple[bytes, int] | None = None,
        copying: tuple[_CopyOrder, str, str, int] | None = None,
    ) -> Self:
        """``writer`` is written into the ledger rows, so that a writer's own rows can be summed.

        ``counters_path`` names a mapped file that keeps the totals of streams, as a receiver's does. ``settings`` are
        the limits and leniencies that are not to be the usual ones, by name. ``knowledge`` is what an earlier decoder
        knew, and the moment at which it is taken over. ``copying`` is what else becomes of the messages of streams,
        with the transport, host and port that are listened at.

        Raises ValueError for a setting that there is not, and for what is no knowledge.
        """

    def name_elements(self, elements: Sequence[tuple[int, int, str, str]]) -> None:
        """Name elements from now on by what a person says, and no longer by what was said before.

        Each is (enterprise, id, name, type), the type as IANA's registry words it. They go before the registry.

        Raises ValueError for a type that there is not.
        """

    def feed(self, datagram: Buffer, exporter: str, port: int, received: int) -> None:
        """Decode one datagram that arrived at ``received`` (nanoseconds since 1970)."""

    def feed_stream(self, data: bytes, exporter: str, port: int, received: int) -> str | None:
        """Decode the next bytes of a connection: IPFIX messages, cut anywhere.

        Returns the counter of why they are no messages, after which the connection has to be closed: nobody knows where
        the next message begins. Templates are kept to the connection that brought them.
        """

    def end_stream(self, exporter: str, port: int, received: int) -> None:
        """Forget the templates and sequence numbers of a connection that ended."""

    def read(
        self,
        path: str,
        exporter: str,
        *,
        shift: int = 0,
        maximum_datagrams: int = 65536,
        since: int | None = None,
        until: int | None = None,
        takes_unknown: bool = False,
    ) -> int:
        """Decode the next datagrams of a capture: pcap, pcapng, concatenated datagrams or an IPFIX file.

        Any of them may be compressed by zstd. Of pcap and pcapng, datagrams that arrived in [``since``, ``until``)
        are taken; with ``takes_unknown`` also those that do not look like exports, as a listener takes them.
        ``exporter`` names the sender where the file does not. ``shift`` (nanoseconds) is added
        to every arrival and to every time in the records. Returns how many export datagrams were recognised, fewer than
        asked for when a batch is full; 0 at the end, after which another path may be read in the same session.

        Raises OSError when the file cannot be read.
        """

    def drain(self, *, now: int | None = None) -> list[Batch]:
        """Take the rows decoded since the last call, one batch for each table that has any.

        Where nothing more came until ``now``, what was seen of clocks need not wait for it.
        """

    def close(self) -> list[Batch]:
        """Give up data that still waits for its template, and take the last rows."""

    def dissected(self) -> bytes:
        """Take what was taken apart since the last call: a line of JSON for each message."""

    def knowledge(self, *, ages: bool = True) -> bytes | None:
        """What is known of exporters: their templates, how they sample, when they booted.

        Without ``ages``, None where nothing was learnt or forgotten since the last call.
        """

    def copies(self) -> list[dict[str, int | str | None]]:
        """As a ``Receiver``'s."""

    def exporters(self) -> list[ExporterSnapshot]: ...
    def counters(self) -> dict[str, int]:
        """Totals by the names of ``schema/counters.toml``; refusals as ``malformed_<reason>``."""

@final
class Receiver:
    """A UDP listener: threads that receive, each with a decoder and a socket of its own, all at one address.

    An exporter, by its address, is always with the same of them. Datagrams are read many at a time with the kernel's
    arrival stamps. ``counters_path`` names a mapped file that keeps the totals even when the process is killed;
    ``resume_path`` is such a file of a collector that is gone, whose sequence numbers are continued.
    """

    def __new__(
        cls,
        host: str,
        port: int,
        *,
        writer: str = "",
        counters_path: str | None = None,
        resume_path: str | None = None,
        receive_buffer_bytes: int = 67108864,
        settings: Mapping[str, int] | None = None,
        knowledge: tuple[bytes, int] | None = None,
        copying: _CopyOrder | None = None,
        threads: int = 1,
    ) -> Self:
        """Bind and start, with ``settings`` and ``knowledge`` as a ``Decoder``: limits are of each thread, as is the buffer.

        ``copying`` is what else becomes of each datagram: the folder to keep it in, bytes of that disk to leave
        free, hosts and ports of collectors to forward it to, and whether these shall see the exporter's address.

        Raises OSError when the address is taken or not ours, or a name is not known, and ValueError as a
        ``Decoder`` does.
        """

    @property
    def port(self) -> int: ...
    @property
    def receive_buffer_bytes(self) -> int:
        """What the kernel granted to each socket, which may be less than was asked for."""

    def name_elements(self, elements: Sequence[tuple[int, int, str, str]]) -> None:
        """Name elements from now on by what a person says, as a decoder does."""

    def drain(self, timeout_seconds: float) -> list[Batch]:
        """Let rows gather for this long, or until a batch is full, and take them.

        Raises OSError when a receiving thread has ended by an error; ``close`` still has its last rows.
        """

    def knowledge(self, *, ages: bool = True) -> bytes | None:
        """As a ``Decoder``'s, at any moment and after ``close``."""

    def copies(self) -> list[dict[str, int | str | None]]:
        """What became of copies, a row for each who takes them; also after ``close``.

        ``folder`` where they are kept or ``target`` whom they are sent to; ``datagrams`` and ``bytes`` of payload that
        are there, ``lost_queue`` for lack of memory, ``lost_failed`` because the system did not take them, with its last
        ``error`` number. Where they are kept, ``file_bytes`` and ``lost_room`` for lack of disk; where they are sent,
        ``from_own`` address, and whether that is as ordered: ``keeps_source``.
        """

    def exporters(self) -> list[ExporterSnapshot]: ...
    def counters(self) -> dict[str, int]: ...
    def close(self) -> list[Batch]:
        """Stop receiving, decode what the sockets still hold, and hand over the last rows."""

@final
class Replay:
    """Captured datagrams, sent again."""

    def __new__(
        cls,
        recordings: Sequence[Sequence[Path]],
        host: str,
        port: int,
        *,
        speed: float | None = ...,
        since: int | None = None,
        until: int | None = None,
        takes_unknown: bool = False,
        keeps_source: bool = True,
    ) -> Self:
        """Each recording is the files of one listener in their order; of several the earliest datagram goes first.

        ``speed`` is how many times as fast as they came, 1 if not said, None as fast as can be; the others are as of ``Decoder.read``.

        Raises OSError where the name of the host is not known.
        """

    def advance(self, seconds: float) -> dict[str, int | None]:
        """Go on for so long, or to the end, and tell how far it is.

        ``datagrams``, ``bytes``, ``from_own``, ``lost_failed``, ``error`` and ``keeps_source`` as of ``Receiver.copies``; arrival of the
        ``first`` and the ``last`` datagram sent; whether all were: ``is_over``.

        Raises OSError when a file cannot be read, or is no capture.
        """

@final
class SegmentWriter:
    """Writes Parquet segments of one lake table."""

    def __new__(cls, table: str) -> Self: ...
    def write(self, batches: Sequence[Batch], path: str) -> dict[str, int]:
        """Write one file; the caller moves it to where readers look.

        Returns ``rows``, ``file_bytes``, the file's ``checksum`` (CRC-32) and, for flows, ``received_min``, ``received_max``, ``start_min``
        and ``end_max`` (nanoseconds since 1970); for a ledger its minutes stand for arrivals.
        """

    def merge(self, paths: Sequence[str], path: str, *, dense: bool = False) -> dict[str, int]:
        """Write the rows of several segments, in order, as one; returns as ``write`` does.

        It also returns the ``checksum of`` each path, as the file was when it was read. ``dense`` is for what
        is kept for long: row groups of a million rows, compressed. It takes twenty times as long as to join files as
        they are; row groups that are dense already are copied.

        Rows of a ledger that have minute, key and writer in common become their sum. For ``rollups`` the
        paths are those of flows, or of rollups of them, and what is written is what these come to: of the flows
        that are read, without those that rollups tell of, for lives and directions. Beside ``rows``,
        ``file_bytes`` and ``checksum`` it returns ``start_min`` and ``end_max`` of their lives, ``direction_min`` and
        ``direction_max``, all ``bytes`` and ``packets``, and ``rows of`` and ``bytes of`` each table that pays.
        Flows that cannot be rolled up come to 0 rows and no file.
        """

@final
class Encoder:
    """Flow rows in, export datagrams out: ``netflow5``, ``netflow9`` or ``ipfix``."""

    def __new__(
        cls,
        protocol_version: str,
        *,
        observation_domain: int = 0,
        boot_time: int = 0,
        maximum_datagram_bytes: int = 1400,
        in_stream: bool = False,
        with_checksums: bool = False,
    ) -> Self:
        """``boot_time`` (nanoseconds since 1970) is where the exporter's uptime counts from.

        ``in_stream``: messages go through a connection or into a file, and nothing is said twice. IPFIX only, as
        ``with_checksums``: each message tells an MD5 sum of itself (RFC 5655).
        """

    def encode(self, batch: Batch, export_time: int) -> list[bytes]:
        """Encode every row; templates go first and again at each refresh.

        ``export_time`` is the exporter's wall clock in nanoseconds since 1970. Rows that share a
        template are sent together, so their order may change.
        """

    def restart(self, pending: Sequence[bytes], export_time: int) -> list[bytes]:
        """Begin a new session in a stream: everything announced again, and then the records of ``pending``.

        Those are the last messages that were encoded, which the session before did not bring to the collector.
        """

    def announce(
        self,
        scopes: Sequence[tuple[int, bytes]],
        fields: Sequence[tuple[int, bytes]],
        *,
        at_once: bool = False,
    ) -> None:
        """Say something beside the flows, with the templates and again at each refresh: options data.

        Elements by number, values in network byte order; v9 numbers scopes in a way of its own. What was said
        before about the same scope is taken back. With ``at_once`` it does not wait for the next refresh, but for
        the next flows. v5 has no such thing, and stays silent.
        """

    def counters(self) -> dict[str, int]:
        """``skipped_rows`` (IPv6 and events in v5) and ``saturated_rows`` (counters beyond v5's 32 bits).

        And ``unrepeated_records``, pending but no longer laid out by any template; and the next ``sequence`` number.
        """

@final
class Meter:
    """Packets in, flows out: a flow cache with active and idle timeouts, and what payloads and TCP say of them."""

    def __new__(
        cls,
        *,
        active_timeout_seconds: float = 60.0,
        idle_timeout_seconds: float = 15.0,
        maximum_flows: int = 1000000,
        opens_tunnels: bool = False,
        sampling_interval: int = 1,
        samples_at_random: bool = False,
        names: bool = True,
        performance: bool = True,
        biflows: bool = False,
    ) -> Self:
        """With ``opens_tunnels`` flows are of what tunnels carry; one packet in ``sampling_interval`` is looked at.

        ``biflows``: a flow of TCP or UDP waits up to the idle timeout for that of the other direction, to become one row.

        ``names``: read TLS, QUIC, HTTP and DNS. ``performance``: follow TCP connections, where none is passed over.
        """

    def read(self, path: str, maximum_packets: int = 1000000) -> int:
        """Meter the next packets of a capture file; returns how many, 0 at its end.

        Raises OSError when the file cannot be read or is no capture.
        """

    def listen(self, interface: str, *, threads: int = 1) -> None:
        """Meter what passes an interface from now on, on threads of its own, a flow always on the same one.

        Raises PermissionError without the capability CAP_NET_RAW, and OSError where there is no such interface.
        """

    def set_clock_offset(self, offset: int) -> None:
        """Read stamps from a clock that is so many nanoseconds ahead from now on, as a router with a wrong clock does.

        Set back, it ends the flows it had: they would wait until it reads again what it read.
        """

    def translate(
        self,
        *,
        path: str | None = None,
        with_events: bool = True,
        receive_buffer_bytes: int = 67108864,
        maximum_translations: int = 500000,
    ) -> None:
        """Tell of each flow from now on how its ends were translated, and of each translation when it begins and ends.

        Follows the kernel's connection tracking in this network namespace, on a thread of its own; or reads
        messages that were saved from there, one after another in a file.

        Raises OSError when the file cannot be read, and for the kernel's PermissionError without CAP_NET_ADMIN.
        """

    def drain(self, *, everything: bool = False) -> list[Batch]:
        """Take the flows that ended; with ``everything`` the ones still open too, and listen no longer.

        Everything that had passed by then is in them. The beginnings and ends of translations are a batch of
        their own, flow rows without counters that have a ``nat_event``.

        Raises OSError when translations can no longer be followed.
        """

    def counters(self) -> dict[str, int]:
        """What was metered and left out, with ``first_packet_time`` and ``last_packet_time`` once there was one.

        Where translations are followed, those in force, ``nat_open``, that were ``nat_created`` and ``nat_deleted``; what the
        kernel counted in the latter, ``nat_packets`` and ``nat_bytes``; ``nat_left_out`` and ``nat_events_left_out`` for lack of
        room; ``nat_malformed`` messages; ``nat_overruns``, in which ``nat_lost`` messages were lost, the last one somewhere
        from ``nat_gap_from`` until ``nat_gap_until``; and ``nat_receive_buffer_bytes``, as granted.
        """

@final
class TimeServer:
    """An NTP server on a thread of its own, answering from this machine's clock."""

    def __new__(
        cls,
        host: str,
        port: int,
        *,
        allow: Sequence[str] = ...,
        deny: Sequence[str] = ...,
        requests_per_second: float | None = None,
        burst: int = 32,
        leak: int = 4,
        kiss: bool = False,
        maximum_clients: int = 16384,
    ) -> Self:
        """Bind and start as unsynchronised: leap indicator 3, stratum 16.

        ``allow`` and ``deny`` are networks in CIDR notation, of which the longest that holds an address decides;
        with anything allowed, others are denied. One address gets ``requests_per_second`` answers in the
        long run and ``burst`` at once; one in ``leak`` of the requests beyond is answered all the same, so that who forges
        a client's address cannot cut it off, and with ``kiss`` some are told to ask less often.

        Raises ValueError for what is no network, and OSError when the address is taken or not ours.
        """

    @property
    def port(self) -> int: ...
    def vouch(
        self,
        *,
        stratum: int,
        reference_id: bytes,
        reference_time: int,
        root_delay: int,
        root_dispersion: int,
        leap_at: int | None = None,
        leap_is_inserted: bool = True,
        leap_is_smeared: bool = False,
    ) -> None:
        """State what the local clock is worth from now on (times in nanoseconds).

        Holds for 300 seconds, during which the error told to clients grows; stratum 16 withdraws it.
        ``leap_at`` is the first moment after the next leap second, or the last one. It is announced on its day, or
        smeared over the 24 hours around it: then it is not announced.
        Raises ValueError unless ``stratum`` is 1 to 16 and ``reference_id`` has 4 bytes.
        """

    def set_cookie_keys(self, keys: Sequence[tuple[int, bytes]]) -> None:
        """Answer requests with NTS whose cookies were locked with one of these numbered keys of 32 bytes, newest first.

        Fresh cookies are locked with the first. Without any, NTS is passed over, as it was before the first call.
        Raises ValueError for a key of another length.
        """

    def counters(self) -> dict[str, int]:
        """What came and what became of it.

        ``received``; replies by what they say, ``answered`` with the time, ``answered_nts`` the same with NTS,
        ``answered_kiss`` to ask less often and ``answered_nts_refusal`` to establish keys anew; requests left without one,
        ``ignored_short``, ``ignored_uneven``, ``ignored_version``, ``ignored_mode``, ``ignored_loop``, ``ignored_denied``,
        ``ignored_rate`` and ``ignored_nts``; replies that the kernel did not take, ``send_failed``; ``receive_failed``; and
        ``clients_forgotten`` to make room for others.
        """

    def clients(self) -> list[dict[str, str | int | None]]:
        """Who has asked, one row for each address, in no order.

        ``address``, ``first_seen`` and ``last_seen``, ``requests`` and how many of them were ``answered``, ``limited``,
        ``authenticated`` and ``interleaved``; ``version`` and ``poll`` (a power of two) of the last one; ``interval``, the median
        of the last few; ``offset``, the client's clock minus ours and less the request's way, None where it hides it.
        Times in nanoseconds.
        """

    def close(self) -> None: ...

def search(
    paths: Sequence[str],
    conditions: Sequence[tuple[Sequence[str], Sequence[tuple[int, int]]]],
    columns: Sequence[str],
    *,
    threads: int = 1,
) -> CapsuleType:
    """The rows of segments of flows for which all conditions are true, in no order, as a stream of Arrow that is read once.

    Each condition is true where one of its columns has a value in one of its ranges, both ends included; addresses
    are numbers, and others than these and ports will do. The first should be the one that leaves fewest rows. Of the
    other columns what is asked for is read where rows were found. Nothing is, until the stream is asked for a batch.

    Raises ValueError for a column that flows do not have. The stream fails where a file cannot be read, and names it.
    """
