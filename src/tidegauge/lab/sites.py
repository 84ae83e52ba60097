"""Where the office's traffic goes: services with their addresses and ports, as data.

The addresses are ones these services have published or used, so that names found by prefix, DNS or
AS come out as they would at a desk. Nothing is ever sent to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.lab.address import packed

TCP = 6
UDP = 17

# The servers of 192.168.20.0/24 that exist.
SERVER_HOSTS = (5, 10, 20, 30, 53)


@dataclass(frozen=True, slots=True)
class Service:
    """Something people use over the network. ``ipv6`` is empty where it is reached by IPv4 only."""

    name: str
    category: str
    protocol: int
    port: int
    ipv4: tuple[bytes, ...]
    ipv6: tuple[bytes, ...] = ()


# name, category, transport, port, IPv4 addresses, IPv6 addresses
_TABLE = """
YouTube       streaming     udp  443 142.250.185.78,142.250.185.110,142.250.186.46  2a00:1450:4001:82a::200e,2a00:1450:4001:813::200e
Netflix       streaming     tcp  443 45.57.90.1,45.57.91.1                          2a00:86c0:2090:1::167
Spotify       streaming     tcp  443 35.186.224.24,35.186.224.45                    2600:1901:1:c36::
Google        search        udp  443 142.250.184.196,142.250.184.228                2a00:1450:4001:80b::2004
Wikipedia     reference     tcp  443 185.15.59.224                                  2a02:ec80:300:ed1a::1
BBC           news          tcp  443 151.101.0.81,151.101.64.81                     2a04:4e42::81
Guardian      news          tcp  443 151.101.1.111,151.101.65.111                   2a04:4e42::367
Amazon        shopping      tcp  443 52.94.236.248,54.239.28.85                     -
LinkedIn      social        tcp  443 150.171.22.12                                  2620:1ec:50::12
Instagram     social        udp  443 157.240.253.174                                2a03:2880:f22d:e5:face:b00c:0:4420
WhatsApp      chat          tcp 5222 157.240.252.60                                 2a03:2880:f21c:c7:face:b00c:0:167
Slack         chat          tcp  443 3.68.124.95,3.122.108.61                       -
GitHub        development   tcp  443 140.82.121.3,140.82.121.4                      -
PyPI          development   tcp  443 151.101.128.223                                2a04:4e42:200::223
Salesforce    business      tcp  443 85.222.140.6,85.222.152.6                      -
Figma         business      tcp  443 3.162.38.33                                    2600:9000:2513:b400::1
Microsoft365  business      tcp  443 52.97.201.66,52.97.201.82                      2603:1026:c0d:820::2
Zoom          meeting       udp 8801 170.114.52.2,170.114.52.3                      2407:30c0:182::aa72:3402
Gmail         mail          tcp  993 142.250.110.108                                2a00:1450:4013:c00::6c
Gmail-SMTP    mail          tcp  587 142.250.110.109                                2a00:1450:4013:c00::6d
Dropbox       files         tcp  443 162.125.66.18,162.125.66.15                    2620:100:6022:18::a27d:4212
Apple         updates       tcp  443 17.253.53.203,17.253.55.206                    2a01:b740:a20:f000::104
WindowsUpdate updates       tcp  443 199.232.210.172                                2a04:4e42:8e::684
CloudBackup   backup        tcp  443 52.218.88.10,52.218.105.42                     -
PublicDNS     dns           udp   53 9.9.9.9,149.112.112.112                        2620:fe::fe
Resolver      dns           udp   53 192.168.20.53                                  fd10:0:20::53
FileServer    files         tcp  445 192.168.20.10                                  fd10:0:20::10
Printer       printing      tcp 9100 192.168.20.20                                  -
Intranet      business      tcp  443 192.168.20.30                                  fd10:0:20::30
Directory     login         tcp  389 192.168.20.5                                   fd10:0:20::5
ServerRoom    scan          tcp    0 192.168.20.1                                   -
"""  # noqa: E501 (a table: one service a line)


def _addresses(cell: str) -> tuple[bytes, ...]:
    return () if cell == "-" else tuple(packed(text) for text in cell.split(","))


def _service(row: str) -> Service:
    name, category, transport, port, ipv4, ipv6 = row.split()
    return Service(
        name, category, TCP if transport == "tcp" else UDP, int(port), _addresses(ipv4), _addresses(ipv6)
    )


SERVICES = {service.name: service for service in map(_service, _TABLE.strip().splitlines())}
