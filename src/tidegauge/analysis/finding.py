"""Findings: what a detector saw, told so that a person can judge it and look at the flows behind it."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

import msgspec


class Severity(StrEnum):
    """How soon somebody should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(Severity).index(self)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look: a filter, and the range of time it belongs to (nanoseconds since 1970, end excluded)."""

    filter: str
    since: int
    until: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that looks wrong.

    ``fingerprint`` stays the same while the same thing goes on, whatever range is asked about, so that it
    can be muted or counted once. ``count`` is what the sentence counts. ``confidence`` is from 0 to 1.
    ``actor`` is an address; ``actor_name`` is who held it then, None where nobody said.
    ``technique`` is a MITRE ATT&CK identifier. Instants are nanoseconds since 1970.
    """

    fingerprint: str
    detector: str
    title: str
    severity: Severity
    sentence: str
    first_seen: int
    last_seen: int
    count: int
    actor: str
    targets: tuple[str, ...]
    evidence: Evidence
    confidence: float
    technique: str
    actor_name: str | None = None

    @property
    def id(self) -> str:
        """Names this finding and when it began."""
        return f"{self.fingerprint}-{self.first_seen // 1_000_000_000:x}"


def fingerprint(*parts: str) -> str:
    """A short name for what makes findings the same one.

    >>> fingerprint("scan", "10.0.0.7") == fingerprint("scan", "10.0.0.7")
    True
    """
    return sha256("\x1f".join(parts).encode()).hexdigest()[:12]
