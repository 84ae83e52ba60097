from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import Authority
from tidegauge.cli.main import USAGE, run

READ = ("probe", "--read", "absent.pcap", "--export", "ipfix+tls://127.0.0.1:4740")


def test_a_certificate_needs_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate, _ = Authority(tmp_path).issue("probe")
    assert run([*READ, "--tls-certificate", str(certificate)]) == USAGE
    assert "both a certificate and its key" in capsys.readouterr().err


def test_packets_too_short_for_a_flow_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*READ, "--mtu", "100"]) == USAGE
    assert "--mtu" in capsys.readouterr().err
