from __future__ import annotations

from uuid import UUID

from tests.numbered_flows import NOON, batches
from tidegauge.store.batch_rows import batch_rows

COLUMNS = ("received", "src_addr", "bytes", "other")


def test_rows_come_in_order_with_whole_nanoseconds() -> None:
    [flows] = [batch for batch in batches(range(2000), NOON + 1) if batch.table == "flows"]
    rows = list(batch_rows(flows, COLUMNS))
    assert [row[2] for row in rows] == list(range(2000))
    assert rows[0][:2] == (NOON + 1, UUID("00000000-0000-0000-0000-ffff0a000001"))


def test_a_reader_may_stop_early() -> None:
    [flows] = [batch for batch in batches(range(5)) if batch.table == "flows"]
    assert next(iter(batch_rows(flows, ("bytes",)))) == (0,)
