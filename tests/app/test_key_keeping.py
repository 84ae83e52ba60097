from __future__ import annotations

from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tidegauge.app.cookie_key_file import CookieKeyFile
from tidegauge.app.key_keeping import KeyKeeping
from tidegauge.ntp.client import CookieRefusedError, ask
from tidegauge.ntp.cookie_keys import DAY, OLD_KEYS
from tidegauge.ntp.key_establishment import establish
from tidegauge.ntp.key_server import Certificate, KeyServer
from tidegauge.ntp.nts_association import NtsAssociation
from tidegauge.ntp.server import VouchedServer

NOW = 1_795_000_000_000_000_000


def test_cookies_outlive_seven_changes_of_keys_and_a_restart(tmp_path: Path) -> None:
    certificate = Certificate(*self_signed(tmp_path, "127.0.0.1"))
    file = CookieKeyFile(tmp_path)
    with VouchedServer("127.0.0.1", 0, local_stratum=5) as server:
        keys = KeyKeeping(server, file, NOW)
        assert keys.counters() == {}
        options = {"time_port": server.port, "seal": keys.seal}
        with KeyServer(("127.0.0.1", 0), certificate, **options) as key_server:  # type: ignore[arg-type]
            keys.key_server = key_server
            held = establish("127.0.0.1", key_server.port, trusted=tmp_path / "certificate.pem")
            association = NtsAssociation(held)
            for day in range(OLD_KEYS + 1):
                keys.renew(NOW + day * DAY)
            ask(held.host, held.port, association=association)
        assert keys.counters()["keys_established"] == 1
        port = server.port
    with VouchedServer("127.0.0.1", port) as server:
        keys = KeyKeeping(server, file, NOW + OLD_KEYS * DAY)
        ask(held.host, held.port, association=association)
        keys.renew(NOW + (OLD_KEYS + 1) * DAY)
        with pytest.raises(CookieRefusedError):
            ask(held.host, held.port, association=association)
