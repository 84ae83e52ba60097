from __future__ import annotations

import json

from tidegauge.lab.wired.counters import Carried
from tidegauge.lab.wired.person import Act
from tidegauge.lab.wired.sites import VIDEO
from tidegauge.lab.wired.truth import Person, Truth

SECOND = 1_000_000_000
ACTS = [
    Act("john", "stream", VIDEO.name, second * SECOND, (second + 2) * SECOND, 1, 0, 9, "tls", *while_there)
    for second, *while_there in ((10, 11 * SECOND, None), (13, None, 14 * SECOND))
]
JOHN = Person("john", "02:00:00:00:00:01", "192.168.10.11", {VIDEO.address: Carried(1, 2, 3, 4)}, ACTS)
GUEST = Person("guest", "02:00:00:00:00:02", "192.168.10.12", {"192.0.2.9": Carried(5, 6, 7, 8)}, [])


def test_what_was_carried_is_told_in_all_and_by_site() -> None:
    told = json.loads(Truth([JOHN], GUEST, [{"lost": 3}]).to_text())
    [john], guest = told["people"], told["guest"]
    assert [john[name] for name in Carried._fields] == [1, 2, 3, 4]
    assert john["sites"] == [
        {
            "site": VIDEO.name,
            "address": VIDEO.address,
            **Carried(1, 2, 3, 4)._asdict(),
            "seconds": 5.0,
            "least_seconds": 3.0,
        }
    ]
    assert [act["what"] for act in john["acts"]] == ["stream", "stream"]
    [elsewhere] = guest["sites"]
    assert (elsewhere["site"], elsewhere["seconds"], elsewhere["bytes_down"]) == (None, None, 7)
    assert told["path"] == [{"lost": 3}]
    assert told["scale"] == {"bytes": 100, "time": 60}
