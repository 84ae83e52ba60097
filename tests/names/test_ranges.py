from __future__ import annotations

from ipaddress import IPv6Address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.flow.addresses import Network, network_from_text
from tidegauge.names.ranges import RangesError, are_ranges, disjoint, ranges_from_published

AMAZON = b"""{"syncToken": "1", "prefixes": [{"ip_prefix": "3.5.140.0/22", "service": "AMAZON"},
  {"ip_prefix": "3.5.140.0/23", "service": "S3"}],
  "ipv6_prefixes": [{"ipv6_prefix": "2600:1f00::/24", "service": "EC2"}]}"""
GOOGLE = b"""{"prefixes": [{"ipv4Prefix": "8.8.4.0/24"},
  {"ipv6Prefix": "2001:4860::/32", "service": "Google Cloud"}]}"""
MICROSOFT = b"""{"values": [{"name": "AzureCloud",
  "properties": {"addressPrefixes": ["4.145.0.0/20", "2603:1000::/40"]}}]}"""
PLAIN = b"# ranges\n203.0.113.0/24\n2001:db8::/32 # and a note\n"


@pytest.mark.parametrize(
    ("content", "owner", "found"),
    [
        (
            AMAZON,
            "Amazon",
            [("3.5.140.0/22", "Amazon"), ("3.5.140.0/23", "Amazon S3"), ("2600:1f00::/24", "Amazon EC2")],
        ),
        (GOOGLE, "Google", [("8.8.4.0/24", "Google"), ("2001:4860::/32", "Google Cloud")]),
        (MICROSOFT, "Azure", [("4.145.0.0/20", "AzureCloud"), ("2603:1000::/40", "AzureCloud")]),
        (PLAIN, "Partner", [("203.0.113.0/24", "Partner"), ("2001:db8::/32", "Partner")]),
    ],
    ids=["amazon", "google", "microsoft", "plain"],
)
def test_published_shapes(content: bytes, owner: str, found: list[tuple[str, str]]) -> None:
    assert are_ranges(content)
    assert [(str(network), service) for network, service in ranges_from_published(content, owner)] == found


@pytest.mark.parametrize("head", [b"", b'{"data": []}', b"192.0.2.1 host\n", b"hello\n", b"\x00\x01"])
def test_other_files_are_none(head: bytes) -> None:
    assert not are_ranges(head)


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b'{"prefixes": [', "no JSON"),
        (b"{}", "no prefixes of a known shape"),
        (b"[]", "no prefixes of a known shape"),
        (b'{"prefixes": [{"ip_prefix": "300.0.0.0/8"}]}', "'300.0.0.0/8' is no network"),
        (b'{"prefixes": [{"ip_prefix": 7}]}', "7 is no network"),
        (b"10.0.0.0/99\n", "'10.0.0.0/99' is no network"),
    ],
)
def test_a_mistake_is_named(content: bytes, mistake: str) -> None:
    with pytest.raises(RangesError, match=mistake):
        ranges_from_published(content, "x")


networks = st.lists(
    st.tuples(
        st.builds(
            lambda number, length: Network(number >> (4 - length) << (4 - length), 124 + length),
            st.integers(0, 15),
            st.integers(0, 4),
        ),
        st.sampled_from("abc"),
    ),
    max_size=8,
)


@given(networks)
def test_of_nested_networks_the_smallest_counts(found: list[tuple[Network, str]]) -> None:
    ranges = list(disjoint(found))
    assert all(before.last < after.first for before, after in pairwise(ranges))
    for address in range(17):
        around = [(n.length, service) for n, service in found if n.first <= address <= n.last]
        meant = {service for length, service in around if length == max(around)[0]}
        told = [r.service for r in ranges if r.first <= address <= r.last]
        assert bool(told) == bool(meant)
        assert set(told) <= meant


def test_ranges_reach_the_end_of_all_addresses() -> None:
    [everything] = disjoint([(network_from_text("::/0"), "all")])
    assert (everything.first, IPv6Address(everything.last).exploded[:4], everything.category) == (
        0,
        "ffff",
        "cloud",
    )
