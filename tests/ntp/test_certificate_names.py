from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from tests.nts_server import self_signed
from tidegauge.ntp.certificate_names import speaks_for


@pytest.mark.parametrize(
    ("names", "host", "verdict"),
    [
        (["time.example.org"], "time.example.org", True),
        (["time.example.org"], "TIME.example.org.", True),
        (["other.example.org", "time.example.org"], "time.example.org", True),
        (["time.example.org"], "a.time.example.org", False),
        (["*.example.org"], "time.example.org", True),
        (["*.example.org"], "a.time.example.org", False),
        (["*.example.org"], "example.org", False),
        (["*.org"], "example.org", False),
        (["*"], "localhost", False),
        (["t*.example.org"], "time.example.org", False),
        (["xn--mnchen-3ya.example"], "münchen.example", True),
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["2001:db8::1"], "2001:db8:0::1", True),
        (["a time server"], "127.0.0.1", False),
    ],
)
def test_names_are_compared(tmp_path: Path, names: list[str], host: str, verdict: bool) -> None:
    path, _ = self_signed(tmp_path, *names)
    assert speaks_for(x509.load_pem_x509_certificate(path.read_bytes()), host) is verdict


def test_a_certificate_without_alternative_names_speaks_for_nobody(tmp_path: Path) -> None:
    path, _ = self_signed(tmp_path)
    assert not speaks_for(x509.load_pem_x509_certificate(path.read_bytes()), "a time server")
