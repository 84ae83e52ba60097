from __future__ import annotations

from array import array

from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.receiving.hand_over import HandOver

ARRIVAL = 1_767_268_800_000_000_000


def test_what_is_handed_over_is_decoded_under_the_name_given() -> None:
    hand_over = HandOver("192.0.2.7", writer_id="test")
    rows = Batch({"bytes": array("Q", [100, 200])})
    for datagram in Encoder("ipfix", observation_domain=5).encode(rows, ARRIVAL):
        hand_over.take(datagram, ARRIVAL)
    (flows,) = [batch for batch in hand_over.drain() if batch.table == "flows"]
    assert len(flows) == 2
    assert "flows" not in [batch.table for batch in hand_over.close()]
