from __future__ import annotations

import getpass

from tidegauge.metering.capability import missing_capability


def test_what_is_missing_comes_with_the_ways_to_give_it() -> None:
    told = missing_capability("CAP_NET_ADMIN")
    assert getpass.getuser() in told
    assert told.count("CAP_NET_ADMIN") == 2
    assert "sudo setcap cap_net_admin+ep /" in told
