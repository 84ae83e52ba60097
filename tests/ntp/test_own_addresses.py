from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.ntp import own_addresses as module
from tidegauge.ntp.own_addresses import own_addresses

V4 = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.7
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
Local:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.0.2.7
        /32 host LOCAL
"""
V6 = "20010db8000000000000000000000007 02 40 00 80     eth0\n"


@pytest.fixture(autouse=True)
def _tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("_V4_TABLE", V4), ("_V6_TABLE", V6)):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(module, name, tmp_path / name)


def test_who_listens_everywhere_is_reached_everywhere(tmp_path: Path) -> None:
    assert own_addresses("0.0.0.0") == ["192.0.2.7", "127.0.0.1"]
    assert own_addresses("::") == ["192.0.2.7", "127.0.0.1", "2001:db8::7"]
    (tmp_path / "_V4_TABLE").unlink()
    assert own_addresses("0.0.0.0") == []


def test_who_listens_at_one_address_is_reached_there() -> None:
    assert own_addresses("192.0.2.9") == ["192.0.2.9"]
