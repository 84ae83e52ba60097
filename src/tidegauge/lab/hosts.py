"""The host names behind the services, and what a resolver answers for them: as data.

The addresses are ones these names have had, so that what is found by prefix, DNS or AS comes out as it
would at a desk. Nothing is ever sent to them. BBC and Guardian are behind the same addresses of one
delivery network: only the answer that a client was given tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.lab.address import packed


@dataclass(frozen=True, slots=True)
class Host:
    """A name that clients ask for.

    ``aliases`` are the canonical names it leads to, one after the other (RFC 1034, section 3.6.2); the
    addresses belong to the last. ``ttl_seconds`` is how long an answer may be kept.
    """

    name: str
    ttl_seconds: int
    aliases: tuple[str, ...]
    ipv4: tuple[bytes, ...]
    ipv6: tuple[bytes, ...]

    @property
    def is_local(self) -> bool:
        """Whether the office's own resolver has the answer."""
        return self.name.endswith(LOCAL_DOMAIN)


LOCAL_DOMAIN = ".office.internal"

# service, host name, time to live, aliases, IPv4 addresses, IPv6 addresses
_TABLE = """
YouTube       www.youtube.com                   300  youtube-ui.l.google.com         142.250.185.78,142.250.185.110,142.250.186.46  2a00:1450:4001:82a::200e,2a00:1450:4001:813::200e
YouTube       i.ytimg.com                       300  -                               142.250.185.118                 2a00:1450:4001:82a::2016
YouTube       rr3---sn-4g5e6nsz.googlevideo.com 900  rr3.sn-4g5e6nsz.googlevideo.com 173.194.182.136                 2a00:1450:4001:1b::8
Netflix       www.netflix.com                   60   www.dradis.netflix.com          54.73.148.110                   2a05:d018:76c:b685::2c
Netflix       ipv4-c012-fra001-ix.1.oca.nflxvideo.net 900 -                          45.57.90.1,45.57.91.1           -
Spotify       apresolve.spotify.com             300  edge-web.dual-gslb.spotify.com  35.186.224.24,35.186.224.45     2600:1901:1:c36::
Spotify       audio-fa.scdn.co                  900  -                               199.232.214.250                 2a04:4e42:8e::762
Google        www.google.com                    300  -                               142.250.184.196,142.250.184.228 2a00:1450:4001:80b::2004
Google        ogs.google.com                    300  -                               142.250.184.227                 2a00:1450:4001:80b::2003
Wikipedia     en.wikipedia.org                  600  dyna.wikimedia.org              185.15.59.224                   2a02:ec80:300:ed1a::1
Wikipedia     upload.wikimedia.org              600  -                               185.15.59.240                   2a02:ec80:300:ed1a::2:b
BBC           www.bbc.co.uk                     30   www.bbc.co.uk.pri.bbc.co.uk,bbc.map.fastly.net  151.101.0.81,151.101.64.81  2a04:4e42::81
Guardian      www.theguardian.com               30   dualstack.guardian.map.fastly.net  151.101.0.81,151.101.64.81   2a04:4e42::81
Amazon        www.amazon.com                    60   tp.47cf2c8c9-frontier.amazon.com  52.94.236.248                 -
Amazon        m.media-amazon.com                60   c.media-amazon.com              54.239.28.85                    -
LinkedIn      www.linkedin.com                  300  www-linkedin-com.l-0005.l-msedge.net  150.171.22.12             2620:1ec:50::12
Instagram     i.instagram.com                   60   instagram.c10r.instagram.com    157.240.253.174                 2a03:2880:f22d:e5:face:b00c:0:4420
Instagram     scontent-fra5-1.cdninstagram.com  900  -                               157.240.253.63                  2a03:2880:f22d:c5:face:b00c:0:43fe
WhatsApp      g.whatsapp.net                    300  chat.cdn.whatsapp.net           157.240.252.60                  2a03:2880:f21c:c7:face:b00c:0:167
Slack         wss-primary.slack.com             60   -                               3.68.124.95,3.122.108.61        -
GitHub        github.com                        60   -                               140.82.121.3,140.82.121.4       -
GitHub        api.github.com                    60   -                               140.82.121.5,140.82.121.6       -
PyPI          pypi.org                          300  -                               151.101.128.223                 2a04:4e42:200::223
PyPI          files.pythonhosted.org            300  dualstack.python.map.fastly.net 151.101.0.223                   2a04:4e42::223
Salesforce    office.my.salesforce.com          120  fra.my.salesforce.com           85.222.140.6,85.222.152.6       -
Figma         www.figma.com                     60   d16xzy8pr22bdw.cloudfront.net   3.162.38.33                     2600:9000:2513:b400::1
Microsoft365  outlook.office365.com             60   ooc-g2.tm-4.office.com,outlook.ms-acdc.office.com,fra-efz.ms-acdc.office.com  52.97.201.66,52.97.201.82  2603:1026:c0d:820::2
Zoom          zoomfra123mmr.zoom.us             60   -                               170.114.52.2,170.114.52.3       2407:30c0:182::aa72:3402
Webmail       mail.google.com                   300  googlemail.l.google.com         142.250.184.197                 2a00:1450:4001:80b::2005
Gmail         imap.gmail.com                    300  -                               142.250.110.108                 2a00:1450:4013:c00::6c
Gmail-SMTP    smtp.gmail.com                    300  -                               142.250.110.109                 2a00:1450:4013:c00::6d
Dropbox       www.dropbox.com                   60   www-env.dropbox-dns.com         162.125.66.18                   2620:100:6022:18::a27d:4212
Dropbox       dl.dropboxusercontent.com         60   edge-block-www-env.dropbox-dns.com  162.125.66.15               2620:100:6022:15::a27d:420f
Apple         gsa.apple.com                     300  gsa.apple.com.akadns.net        17.253.53.203                   2a01:b740:a20:f000::104
Apple         swcdn.apple.com                   300  swcdn.g.aaplimg.com             17.253.55.206                   2a01:b740:a20:f000::105
WindowsUpdate dl.delivery.mp.microsoft.com      300  dl.delivery.mp.microsoft.com.delivery.microsoft.com  199.232.210.172  2a04:4e42:8e::684
CloudBackup   office-backup.s3.eu-central-1.amazonaws.com  5  s3-r-w.eu-central-1.amazonaws.com  52.218.88.10,52.218.105.42  -
SecureDNS     mozilla.cloudflare-dns.com        300  -                               162.159.61.4,172.64.41.4        2803:f800:53::4
FileServer    file-server.office.internal       300  -                               192.168.20.10                   fd10:0:20::10
Printer       printer.office.internal           300  -                               192.168.20.20                   -
Intranet      intranet.office.internal          300  -                               192.168.20.30                   fd10:0:20::30
Directory     directory.office.internal         300  -                               192.168.20.5                    fd10:0:20::5
"""  # noqa: E501 (a table: one host a line)


def _listed(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(","))


def _addresses(cell: str) -> tuple[bytes, ...]:
    return tuple(packed(text) for text in _listed(cell))


def _by_service() -> dict[str, tuple[Host, ...]]:
    known: dict[str, tuple[Host, ...]] = {}
    for row in _TABLE.strip().splitlines():
        service, name, ttl, aliases, ipv4, ipv6 = row.split()
        host = Host(name, int(ttl), _listed(aliases), _addresses(ipv4), _addresses(ipv6))
        known[service] = (*known.get(service, ()), host)
    return known


HOSTS = _by_service()
"""The hosts of each service by its name, the one that people type first."""
