from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import Authority
from tidegauge.receiving.certificate import Certificate
from tidegauge.receiving.stream_settings import StreamSettings


def test_renewed_files_are_read_and_broken_ones_are_not_put_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path)
    path, key = authority.issue("collector")
    certificate = Certificate(StreamSettings(tls_certificate=path, tls_key=key))
    first = certificate.context()
    assert certificate.context() is first
    for file, renewed in zip((path, key), authority.issue("renewed"), strict=True):
        renewed.replace(file)
    second = certificate.context()
    assert second is not first
    path.write_text("cut off")
    assert certificate.context() is second
    assert certificate.context() is second
    assert [record.getMessage() for record in caplog.records] == [
        "a new certificate cannot be used; the old one stays in force"
    ]


def test_files_that_cannot_be_used_at_the_start_are_an_error(tmp_path: Path) -> None:
    path, _ = Authority(tmp_path).issue("collector")
    with pytest.raises(OSError, match="cannot be used for TLS"):
        Certificate(StreamSettings(tls_certificate=path, tls_key=path))
