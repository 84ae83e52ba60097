"""An exchange: a question of ours that was answered, and when, by a clock that we know.

Whatever metered it on the way saw it between the two moments. So every flow record of it tells how far the
clock of its exporter is off, from both sides.
"""

from __future__ import annotations

import msgspec


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One packet of ours and the first that answered it; instants are nanoseconds since 1970, by our clock.

    ``sent`` is before the question left (for TCP: the SYN that opens the connection) and ``received`` when
    its answer had arrived (for TCP: the SYN that acknowledges). The client's port was fresh, so that no
    other packet has these ends. Addresses are 16 bytes, IPv4 mapped, as they stand in the packets that the
    client sends. Bytes are those of the whole IP packets, as flows count them, None where nobody but the
    kernel knows. ``clock_bound`` is how far the client's clock may have been off, None where nobody knows.
    """

    client_address: bytes
    client_port: int
    server_address: bytes
    server_port: int
    protocol: int
    sent: int
    received: int
    request_bytes: int | None = None
    reply_bytes: int | None = None
    clock_bound: int | None = None
