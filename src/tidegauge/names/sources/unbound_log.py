"""The log of Unbound with ``log-queries`` or ``log-replies``: it names questions, but never an address.

So nothing can be learnt from it about addresses. It is recognised all the same, to say what would help:
Unbound's dnstap output, which holds the whole answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.names.lines import first_lines, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_STAMP = r"(?:\[\d+\]|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: \S+)?|\d{4}-\d\d-\d\dT\S+(?: \S+)?)"
_ANSWER = re.compile(rf"{_STAMP} unbound(?:\[[\d:]+\])?:? (?:info|reply): \S+ \S+ \S+ IN [A-Z]+ \d.*")
_LINE = re.compile(rf"{_STAMP} unbound(?:\[[\d:]+\])?:? \w+: .*")
NO_ADDRESS = "answer without its address; log with dnstap instead"


class UnboundLog:
    """Questions without what was answered."""

    name = "unbound-log"
    title = "Unbound log"

    def recognises(self, head: bytes) -> bool:
        """Whether one of the first lines was written by Unbound."""
        return any(_LINE.fullmatch(line) for line in first_lines(head))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield nothing, and count the answers that lack what they said."""
        for line in lines(stream, provenance.refused):
            if _ANSWER.fullmatch(line):
                provenance.refused[NO_ADDRESS] += 1
        yield from ()
