from __future__ import annotations

from tests.conformance.heard import NOW, OCTETS, data, ipfix, set_of, template
from tidegauge._core import Decoder
from tidegauge.app.taken_apart import taken_apart

LIST_OF_BYTES = (90, 3)
"""mplsVpnRouteDistinguisher: an octetArray, whose value is its bytes."""


def test_bytes_of_values_are_shown_on_request_or_where_nothing_else_says_them() -> None:
    decoder = Decoder(dissects=True)
    for message in (
        ipfix(set_of(256, bytes(7))),
        ipfix(template(256, (OCTETS, 4), LIST_OF_BYTES), data(256, 1, 2)),
    ):
        decoder.feed(message, "192.0.2.1", 1, NOW)
    lines = decoder.dissected()
    for with_raw, shown in ((False, [False, True]), (True, [True, True])):
        _, found = taken_apart([lines], with_raw=with_raw)
        for part in (found["sets"][1], found["unparked"][0]):
            elements = part["records"][0]["elements"]
            assert ["raw" in element for element in elements] == shown
