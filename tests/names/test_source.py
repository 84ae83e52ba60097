from __future__ import annotations

from datetime import UTC

from tidegauge.names.source import Provenance


def test_each_file_counts_for_itself() -> None:
    one, other = Provenance(written=1), Provenance(written=2)
    one.refused["no time"] += 1
    assert (dict(one.refused), dict(other.refused), one.zone) == ({"no time": 1}, {}, UTC)
