"""What a chronyd on this machine says of the clock that it keeps (its ``tracking`` report).

It answers this question to everybody on loopback, over UDP and without any right. The layout is that of its
command protocol, version 6 (candm.h).
"""

from __future__ import annotations

import secrets
import socket
import struct

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.packet import Leap

COMMAND_PORT = 323
_VERSION, _REQUEST, _REPLY = 6, 1, 2
_TRACKING, _TRACKING_REPLY, _SUCCESS = 33, 5, 0
_REQUEST_HEADER = struct.Struct("!BBHHHI8x")
_REPLY_HEADER = struct.Struct("!BBHHHH6xI8x")
# Reference id, address, stratum, leap, reference time, then nine numbers in chrony's own floating point.
_REPORT = struct.Struct("!I20xHH12x9I")
_REPLY_BYTES = _REPLY_HEADER.size + _REPORT.size
_LOCAL_CLOCK = 0x7F7F0101


def chrony_bound(port: int = COMMAND_PORT, timeout_seconds: float = 0.2) -> int | None:
    """Ask the chronyd on this machine how many nanoseconds its clock may be off; None where it does not know.

    Raises OSError when none answers.
    """
    sequence = secrets.randbits(32)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(timeout_seconds)
        link.connect(("127.0.0.1", port))
        link.send(tracking_request(sequence))
        return bound_from_report(link.recv(1024), sequence)


def tracking_request(sequence: int) -> bytes:
    """The question, filled up to the length of the answer: chronyd never answers with more than it got."""
    return _REQUEST_HEADER.pack(_VERSION, _REQUEST, 0, _TRACKING, 0, sequence).ljust(_REPLY_BYTES, b"\0")


def bound_from_report(reply: bytes, sequence: int) -> int | None:
    """Read the answer; OSError when it is none to our question.

    What is left to correct, root dispersion and half the root delay add up to the bound. A chronyd that
    follows nothing but its own decree (``local``) knows nothing of true time.
    """
    if len(reply) < _REPLY_BYTES:
        raise OSError(f"chronyd answered with {len(reply)} bytes in place of {_REPLY_BYTES}")
    version, kind, _, command, code, status, echoed = _REPLY_HEADER.unpack_from(reply)
    expected = (_VERSION, _REPLY, _TRACKING, _TRACKING_REPLY, _SUCCESS, sequence)
    if (version, kind, command, code, status, echoed) != expected:
        raise OSError(f"chronyd answered something else: version {version}, reply {code}, status {status}")
    reference_id, _stratum, leap, *numbers = _REPORT.unpack_from(reply, _REPLY_HEADER.size)
    correction, _, _, _, _, _, root_delay, root_dispersion, _ = map(_number, numbers)
    if leap == Leap.UNSYNCHRONISED or reference_id in {0, _LOCAL_CLOCK}:
        return None
    seconds = abs(correction) + root_dispersion + root_delay / 2
    return int(seconds * NANOSECONDS) + 1


def _number(bits: int) -> float:
    """Read the 32 bits of chrony's numbers: a signed exponent of 7 and a signed coefficient of 25."""
    exponent, coefficient = bits >> 25, bits & 0x1FFFFFF
    if exponent >= 1 << 6:
        exponent -= 1 << 7
    if coefficient >= 1 << 24:
        coefficient -= 1 << 25
    return float(coefficient * 2.0 ** (exponent - 25))
