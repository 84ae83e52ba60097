"""Filters in the words of nfdump's manual pick as many flows here as there, of the same exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.peers import nfdump
from tests.peers.collector import collect, send
from tests.peers.exports import exports
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

EXPORTS = exports()
FILTERS = (
    "any",
    "inet",
    "ipv4",
    "inet6",
    "ipv6 and proto tcp",
    "proto tcp",
    "proto 17",
    "proto icmp",
    "PROTO ESP OR PROTO GRE",
    "not proto tcp",
    "ip 10.0.0.5",
    "src ip 10.0.0.5",
    "dst host 192.168.10.11",
    "host 203.0.113.20",
    "ip 2001:db8::1",
    "ip in [10.0.0.5 10.0.0.6 192.168.10.11]",
    "src ip in [10.0.0.5, 192.0.2.7]",
    "ip in [2001:db8::1 10.0.0.1]",
    "net 10.0.0.0/8",
    "src net 192.168.10.0/24",
    "dst net 172.16/12",
    "net 10.1/16",
    "src net 10.0.0.0 255.0.0.0",
    "net 2001:db8::/32",
    "src net 2001:db8::/124",
    "not src net 10.0.0.0/8",
    "dst net 10.0.0.0/8 or dst net 203.0.113.0/24",
    "port 53",
    "src port 443",
    "dst port = 80",
    "src and dst port 53",
    "src or dst port 53",
    "port 80 and port 443",
    "port in [80 443]",
    "src port in [80, 443, 53]",
    "proto tcp and port > 1023",
    "proto udp and dst port LT 1024",
    "src port GE 60000",
    "proto tcp and not port 443",
    "icmp-type 8",
    "icmp-type 3 and icmp-code 1",
    "icmp-code 3",
    "flags S",
    "flags SA",
    "flags X",
    "flags S and not flags AFRPU",
    "proto tcp and not flags SA",
    "not (flags S or flags F)",
    "packets > 1k",
    "packets = 1024",
    "in packets <= 10",
    "bytes > 1M",
    "bytes >= 1024",
    "in bytes < 100",
    "duration > 1000",
    "duration = 1000",
    "duration LT 20",
    "bps > 1k",
    "bps > 100M",
    "bpp > 1000",
    "bpp < 100",
    "tos 184",
    "src tos 16",
    "in if 3",
    "out if 4",
    "if 3",
    "router ip 127.0.0.1",
    "engine-id 7 and not inet6",
    "proto udp and src net 10.0.0.0/8 and (dst port 53 or dst port 123) and bytes < 1k  # lookups",
)
"""All but those of AS numbers: nfdump refuses them without a database of places."""

BEYOND_NETFLOW5 = (
    "vlan 10",
    "src vlan 20",
    "mac 00:1b:44:11:3a:01",
    "in src mac 00:1b:44:11:3a:01",
    "in dst mac 00:1b:44:11:3a:02",
    "mask 24",
    "src mask 16",
    "dst mask 8",
    "flowdir ingress",
    "flowdir 1",
    "next ip 10.0.0.5",
)
"""What nfdump makes up, or leaves out, where the export does not say it."""

DIFFERENT = {
    "pps > 100": "nfdump cuts 100.7 packets a second to 100",
    "pps = 0": "to nfdump a flow without a length has no packets a second; to us it has no rate",
    "observation domain id 7": "nfdump keeps what a record says, and takes the header's for engine-id",
    "flags 0": "nfdump takes a number to ask for TCP as well",
}
"""Where we differ on purpose, and why; each is checked to differ in some export."""

MISREAD = {
    ("captured-softflowd_ipfix", "duration > 1000"): "nfdump lets these flows end before they start",
    ("captured-softflowd_ipfix", "duration LT 20"): "the same",
    ("captured-softflowd_ipfix", "bps > 1k"): "the same",
    ("captured-pmacctd_nfprobe_v9", "icmp-type 8"): "the type is in the port, where nfdump looks in v5 only",
}
"""Exports that nfdump reads wrongly or not wholly, by what shows it; each is checked to differ still."""


@dataclass(frozen=True)
class Both:
    """The same datagrams in a folder of nfcapd's and in a lake of ours."""

    theirs: Path
    ours: Engine

    def counts(self, written: str) -> tuple[int, int]:
        """How many flows the filter picks, there and here."""
        parameters = Parameters()
        condition = predicate(parse(written).term, parameters)
        [(count,)] = self.ours.rows(f"SELECT count(*) FROM flows WHERE {condition}", parameters.values)
        return nfdump.count(self.theirs, written), count


Gather = Callable[[str], Both]


@pytest.fixture(scope="module")
def gather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gather]:
    """Gives an export to both, the first time it is asked for."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(given_to_both(name, tmp_path_factory.mktemp("both"))))


@contextmanager
def given_to_both(name: str, folder: Path) -> Iterator[Both]:
    datagrams = EXPORTS[name]()
    with nfdump.nfcapd(folder / "nfcapd") as their_port, collect(folder / "lake") as our_port:
        send(datagrams, their_port)
        send(datagrams, our_port)
    with Engine(Lake.open(folder / "lake").generation()) as ours:
        yield Both(folder / "nfcapd", ours)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("written", FILTERS)
def test_a_filter_picks_as_many(name: str, written: str, gather: Gather) -> None:
    theirs, ours = gather(name).counts(written)
    assert (theirs == ours) is ((name, written) not in MISREAD)


@pytest.mark.parametrize("written", FILTERS)
def test_each_filter_picks_something(written: str, gather: Gather) -> None:
    counts = [gather(name).counts(written)[1] for name in EXPORTS]
    assert any(counts)


@pytest.mark.parametrize("name", ["random-netflow9", "random-ipfix"])
@pytest.mark.parametrize("written", BEYOND_NETFLOW5)
def test_fields_that_netflow5_lacks(name: str, written: str, gather: Gather) -> None:
    theirs, ours = gather(name).counts(written)
    assert theirs == ours > 0


@pytest.mark.parametrize("written", DIFFERENT)
def test_where_we_differ_on_purpose(written: str, gather: Gather) -> None:
    theirs, ours = gather("random-netflow9").counts(written)
    assert theirs != ours
