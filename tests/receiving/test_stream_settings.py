from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import Authority
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.stream_settings import StreamSettings

TLS = ListenAddress("127.0.0.1", 4740, "tls")


def test_tls_needs_a_certificate_and_its_key(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("collector")
    with pytest.raises(ValueError, match=r"tls://127.0.0.1:4740 needs a certificate"):
        StreamSettings().check([TLS])
    with pytest.raises(ValueError, match="both a certificate and its key"):
        StreamSettings(tls_certificate=certificate).check([])
    StreamSettings().check([ListenAddress("127.0.0.1", 4739, "tcp")])
    StreamSettings(tls_certificate=certificate, tls_key=key).check([TLS])


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("collector")
    _, other = authority.issue("other")
    with pytest.raises(OSError, match=r"collector.pem and its key .*other.key cannot be used for TLS"):
        StreamSettings(tls_certificate=certificate, tls_key=other).context()
    with pytest.raises(OSError, match="holds no certificates to trust"):
        StreamSettings(tls_certificate=certificate, tls_key=key, tls_trusted=key).context()
