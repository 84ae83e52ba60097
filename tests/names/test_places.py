from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.names.mmdb import mmdb
from tidegauge.flow.addresses import network_from_text
from tidegauge.names.places import Place, PlacedRange, PlacesError, combined, places_from_file

GERMANY, AS64496 = Place(None, None, "DE"), Place(64496, "Example Net", None)


def placed(text: str, place: Place) -> PlacedRange:
    network = network_from_text(text)
    return PlacedRange(network.first, network.last, place)


def test_a_file_of_countries(tmp_path: Path) -> None:
    path = tmp_path / "country.mmdb"
    path.write_bytes(
        mmdb(
            {
                "192.0.2.0/24": {"country": {"iso_code": "DE"}},
                "198.51.100.0/24": {"registered_country": {"iso_code": "FR"}},
                "203.0.113.0/24": {"continent": {"code": "EU"}},
                "2001:db8::/32": {"country": {"iso_code": "DE"}},
            }
        )
    )
    assert list(places_from_file(path)) == [
        placed("192.0.2.0/24", GERMANY),
        placed("198.51.100.0/24", Place(None, None, "FR")),
        placed("2001:db8::/32", GERMANY),
    ]


def test_a_file_of_networks(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    record = {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Net"}
    path.write_bytes(mmdb({"192.0.2.0/25": record}))
    assert list(places_from_file(path)) == [placed("192.0.2.0/25", AS64496)]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.mmdb"
    path.write_bytes(b"hello")
    with pytest.raises(PlacesError, match="no file in MaxMind's format"):
        list(places_from_file(path))


def test_files_are_laid_over_one_another() -> None:
    networks = [placed("192.0.2.0/25", AS64496)]
    countries = [placed("192.0.2.0/24", GERMANY)]
    assert list(combined([networks, countries])) == [
        placed("192.0.2.0/25", Place(64496, "Example Net", "DE")),
        placed("192.0.2.128/25", GERMANY),
    ]


layers = st.lists(
    st.lists(st.integers(0, 12), unique=True, max_size=6).map(
        lambda edges: [
            PlacedRange(first, last - 1, Place(number, None, None))
            for number, (first, last) in enumerate(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
        ]
    ),
    max_size=3,
)


@given(layers)
def test_each_address_is_where_the_first_file_that_knows_says(files: list[list[PlacedRange]]) -> None:
    found = list(combined(files))
    assert all(before.last < after.first for before, after in pairwise(found))
    for address in range(13):
        said = [p.place for file in files for p in file if p.first <= address <= p.last]
        assert [p.place for p in found if p.first <= address <= p.last] == said[:1]
