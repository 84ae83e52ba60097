from __future__ import annotations

from pathlib import Path

from tidegauge.lab.journal import Entry
from tidegauge.lab.logs import Logs

NOON = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z


def test_servers_write_into_the_syslog(tmp_path: Path) -> None:
    with Logs(tmp_path) as logs:
        logs.write([Entry(NOON + 1_234_000, 0, "dnsmasq", "1 192.168.10.13/9 query[A] pypi.org")])
        logs.write([Entry(NOON + 2_000_000_000, 1, "dnsmasq-dhcp", "DHCPOFFER(eth0) 192.168.10.13")])
        assert logs.syslog_path.read_text().splitlines() == [
            "2026-01-01T12:00:00.001234+00:00 resolver dnsmasq[812]: 1 192.168.10.13/9 query[A] pypi.org",
            "2026-01-01T12:00:02.000000+00:00 resolver dnsmasq-dhcp[812]: DHCPOFFER(eth0) 192.168.10.13",
        ]


def test_each_change_of_neighbours_leaves_a_table_of_that_time(tmp_path: Path) -> None:
    emma = "fd10::1 dev eth0 lladdr da:a1:19:5e:04:07 REACHABLE"
    omar = "fd10::2 dev eth0 lladdr da:a1:19:5e:1a:07 REACHABLE"
    omar_anew = omar.replace("fd10::2", "fd10::3")
    with Logs(tmp_path) as logs:
        logs.write(
            [Entry(NOON + hour, hour, "ip", line) for hour, line in enumerate((emma, omar, omar_anew))]
        )
        tables = sorted(logs.tables_path.iterdir())
    assert [path.read_text().splitlines() for path in tables] == [[emma], [emma, omar], [emma, omar_anew]]
    assert [path.stat().st_mtime_ns - NOON for path in tables] == [0, 1, 2]


def test_leases_replace_those_before(tmp_path: Path) -> None:
    with Logs(tmp_path) as logs:
        logs.keep_leases("1 then\n")
        logs.keep_leases("2 now\n")
        assert (tmp_path / "dnsmasq.leases").read_text() == "2 now\n"
