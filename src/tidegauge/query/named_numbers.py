"""Numbers that people know by name: protocols, ports, classes of service, kinds of ICMP message.

Only names in daily use, as IANA or tcpdump writes them: a filter may always say the number.
"""

from __future__ import annotations

PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "udp": 17, "dccp": 33, "rsvp": 46, "gre": 47, "esp": 50,
    "ah": 51, "icmp6": 58, "eigrp": 88, "ospf": 89, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132,
    "udplite": 136,
}  # fmt: skip

PORTS = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "tacacs": 49, "dns": 53, "domain": 53,
    "dhcp": 67, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80, "www": 80, "kerberos": 88, "pop3": 110,
    "sunrpc": 111, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143,
    "snmp": 161, "snmptrap": 162, "bgp": 179, "ldap": 389, "https": 443, "smb": 445, "microsoft-ds": 445,
    "submissions": 465, "smtps": 465, "isakmp": 500, "syslog": 514, "printer": 515, "rip": 520,
    "dhcpv6-client": 546, "dhcpv6-server": 547, "submission": 587, "ipp": 631, "ldaps": 636, "ldp": 646,
    "domain-s": 853, "ftps": 990, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194,
    "ms-sql": 1433, "oracle": 1521, "l2tp": 1701, "pptp": 1723, "radius": 1812, "radius-acct": 1813,
    "ssdp": 1900, "nfs": 2049, "netflow": 2055, "mysql": 3306, "rdp": 3389, "stun": 3478, "svn": 3690,
    "ipsec-nat-t": 4500, "ipfix": 4739, "vxlan": 4789, "sip": 5060, "sips": 5061, "mdns": 5353,
    "postgresql": 5432, "amqp": 5672, "vnc": 5900, "redis": 6379, "sflow": 6343, "http-alt": 8080,
    "https-alt": 8443, "jetdirect": 9100, "memcached": 11211, "mongodb": 27017, "wireguard": 51820,
}  # fmt: skip

ICMP_TYPES = {
    "echoreply": 0, "unreach": 3, "sourcequench": 4, "redirect": 5, "echo": 8, "routeradvert": 9,
    "routersolicit": 10, "timxceed": 11, "paramprob": 12, "tstamp": 13, "tstampreply": 14,
}  # fmt: skip
"""As in tcpdump's ``icmp-echo``, without the ``icmp-``."""

DSCPS = {
    "be": 0, "df": 0, "le": 1, "va": 44, "ef": 46,
    **{f"cs{level}": 8 * level for level in range(8)},
    **{f"af{level}{drop}": 8 * level + 2 * drop for level in range(1, 5) for drop in range(1, 4)},
}  # fmt: skip
"""Differentiated services (RFC 2474, 2597, 3246, 5865, 8622)."""

NAT_EVENTS = {
    "add": 1, "create": 1, "delete": 2, "addresses-exhausted": 3, "nat44-create": 4, "nat44-delete": 5,
    "nat64-create": 6, "nat64-delete": 7, "ports-exhausted": 12, "quota-exceeded": 13,
}  # fmt: skip
"""As IANA numbers them (RFC 8158, section 4.1): the first two are of translations of any kind."""

NAMED_NUMBERS: dict[str, dict[str, int]] = {
    "protocol": {**PROTOCOLS, "icmpv6": 58},
    "direction": {"ingress": 0, "egress": 1},
    "src_port": PORTS,
    "dst_port": PORTS,
    "nat_src_port": PORTS,
    "nat_dst_port": PORTS,
    "dscp": DSCPS,
    "icmp_type": ICMP_TYPES,
    "nat_event": NAT_EVENTS,
}
"""What the numbers of a field may be called, by field."""

SHOWN_BY_NAME = frozenset({"protocol", "direction"})
"""Fields whose numbers are shown by name; other names are read but not written."""
