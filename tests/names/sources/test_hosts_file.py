from __future__ import annotations

import pytest

from tests.names.told import Told, read, told
from tidegauge.names.sources.hosts_file import HostsFile

SOURCE = HostsFile()
HOSTS = b"""# office
127.0.0.1 localhost
::1 localhost ip6-localhost
192.168.20.10\tfile-server.office.example files # in the cellar
fd10:0:20::10 file-server.office.example
0.0.0.0 ads.example
"""


def test_addresses_have_their_first_name_until_said_otherwise() -> None:
    bindings, refused = read(SOURCE, HOSTS)
    assert told(bindings) == [
        Told("host", "192.168.20.10", "file-server.office.example", "19:00:00", None),
        Told("host", "fd10:0:20::10", "file-server.office.example", "19:00:00", None),
    ]
    assert not refused


def test_it_is_recognised_by_every_line() -> None:
    assert SOURCE.recognises(HOSTS)
    assert not SOURCE.recognises(HOSTS + b"nonsense\n")


@pytest.mark.parametrize("line", [b"192.168.20.10\n", b"nonsense here\n", b"192.168.20.10 <name>\n"])
def test_lines_that_say_nothing_are_counted(line: bytes) -> None:
    assert read(SOURCE, line) == ([], {"no address and name": 1})
