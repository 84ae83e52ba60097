from __future__ import annotations

import pytest

from tests.names.told import Told, read, told
from tidegauge.names.sources.isc_log import IscLog

SOURCE = IscLog()
LOG = b"""\
Nov 23 18:19:30 gw dhcpd[7]: DHCPDISCOVER from 00:1b:44:11:3a:01 (johns-laptop) via br0
Nov 23 18:19:31 gw dhcpd[7]: DHCPOFFER on 192.168.10.95 to 00:1b:44:11:3a:01 (johns-laptop) via br0
Nov 23 18:19:32 gw dhcpd[7]: DHCPREQUEST for 192.168.10.95 (192.168.10.1) from 00:1b:44:11:3a:01 via br0
Nov 23 18:19:32 gw dhcpd[7]: DHCPACK on 192.168.10.95 to 00:1b:44:11:3a:01 (johns-laptop) via br0
Nov 23 18:19:33 gw dhcpd[7]: DHCPACK on 192.168.10.96 to 00:1b:44:11:3a:02 via br0
Nov 23 18:19:34 gw sshd[9]: DHCPACK on 192.168.10.99 to 00:1b:44:11:3a:09 via br0
Nov 23 18:20:00 gw dhcpd[7]: DHCPRELEASE of 192.168.10.95 from 00:1b:44:11:3a:01 (johns-laptop) via br0
Feb 30 18:20:00 gw dhcpd[7]: DHCPACK on 192.168.10.97 to 00:1b:44:11:3a:03 via br0
"""


def test_a_lease_begins_when_it_is_acknowledged_and_ends_when_it_is_given_back() -> None:
    assert SOURCE.recognises(LOG)
    bindings, refused = read(SOURCE, LOG)
    assert told(bindings) == [
        Told("mac", "192.168.10.95", "00:1b:44:11:3a:01", "18:19:32", "18:19:32"),
        Told("machine", "192.168.10.95", "johns-laptop", "18:19:32", "18:19:32"),
        Told("mac", "192.168.10.96", "00:1b:44:11:3a:02", "18:19:33", "18:19:33"),
        Told("machine", "192.168.10.96", "", "18:19:33", "18:19:33"),
        Told("mac", "192.168.10.95", "", "18:20:00", "18:20:00"),
        Told("machine", "192.168.10.95", "", "18:20:00", "18:20:00"),
    ]
    assert bindings[0].until == bindings[0].since + 86_400 * 10**9
    assert refused == {"no time": 1}


@pytest.mark.parametrize("head", [b"", b"Nov 23 18:19:34 gw sshd[9]: session opened\n"])
def test_other_logs_are_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head)
