from __future__ import annotations

import time
from pathlib import Path

from tests.lab.wired.test_truth import GUEST, JOHN
from tidegauge.lab.wired.comparison import COLUMNS, compare
from tidegauge.lab.wired.truth import Truth
from tidegauge.store.lake import Lake


def test_what_the_lake_does_not_know_is_null_beside_the_truth(tmp_path: Path) -> None:
    [row] = compare(Lake.create(tmp_path), Truth([JOHN], GUEST, []), time.time_ns())
    assert row.keys() == COLUMNS.keys()
    assert (row["user"], row["bytes"], row["bytes_true"]) == ("John", None, 4)
    assert (row["seconds"], row["seconds_true"]) == (None, 5.0)
