from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import Authority
from tidegauge.metering.export_settings import ExportSettings


def test_datagrams_leave_room_for_headers() -> None:
    assert ExportSettings().datagram_bytes == 1452
    assert ExportSettings(mtu=1280).datagram_bytes == 1232


def test_a_certificate_comes_with_its_key(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("probe")
    with pytest.raises(ValueError, match="both a certificate and its key"):
        ExportSettings(tls_key=key).check()
    ExportSettings(tls_certificate=certificate, tls_key=key).check()


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, _ = authority.issue("probe")
    with pytest.raises(OSError, match=r"absent.pem holds no certificates to trust"):
        ExportSettings(tls_trusted=tmp_path / "absent.pem").context()
    with pytest.raises(OSError, match=r"probe.pem and its key .*authority.pem cannot be used for TLS"):
        ExportSettings(tls_certificate=certificate, tls_key=authority.path).context()
