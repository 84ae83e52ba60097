"""The office with a real network, metered by our own probe: the lake says what the kernel counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import answer, tidegauge
from tests.peers.collector import collect
from tests.peers.probe import probe
from tidegauge.lab.wired.network import (
    EDGE1,
    FILES,
    GATEWAY,
    LAN,
    MAIL,
    PEOPLE,
    PUBLIC,
    VIDEO,
    WEB,
)
from tidegauge.lab.wired.office import wired_office

pytestmark = pytest.mark.peers

SECONDS = 2.0
SERVICES = {"john": "YouTube", "sarah": "Gmail IMAP", "alex": "Dropbox", "mia": "Wikipedia"}
UPLINKS = {VIDEO: "direct", WEB: "direct", MAIL: "provider", FILES: "provider"}


def test_everybodys_traffic_is_in_the_lake_to_the_byte_and_found_from_both_sides(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with wired_office(tmp_path / "queries.log") as office:
        edge1 = office.places[EDGE1].command()
        with collect(lake, edge1) as port, probe(port, edge1, "--interface", LAN, "--nat-events"):
            people = office.work(SECONDS)
    assert people is not None
    # What the laptops say to the router itself is not forwarded.
    rows = answer("flows", f"bytes > 0 and not ip {GATEWAY}", "--lake", str(lake))
    for person in people:
        up = [row for row in rows if row["src_addr"] == person.address]
        down = [row for row in rows if row["dst_addr"] == person.address]
        told = [sum(row[name] for row in way) for way in (up, down) for name in ("bytes", "packets")]
        assert told == list(person.carried)
        assert {row["nat_src_addr"] for row in up} == {PUBLIC[UPLINKS[row["dst_addr"]]] for row in up}
        assert {(row["nat_src_addr"], row["nat_src_port"]) for row in up} == {
            (row["nat_dst_addr"], row["nat_dst_port"]) for row in down
        }
    connections = {(row["src_addr"], row["src_port"]) for row in rows if row["nat_src_addr"]}
    begun = answer("flows", f"nat_event nat44-create and not ip {GATEWAY}", "--lake", str(lake))
    assert len(begun) == len(connections)

    learn_names(lake, tmp_path / "queries.log")
    named = answer(
        "top", "user,service", f"bytes > 0 and user is not null and not ip {GATEWAY}", "--lake", str(lake)
    )
    assert {row["user"]: row["service"] for row in named} == {
        name.title(): service for name, service in SERVICES.items()
    }
    for person in people:
        [row] = [row for row in named if row["user"] == person.name.title()]
        assert row["bytes"] == person.carried.bytes_up + person.carried.bytes_down


def learn_names(lake: Path, query_log: Path) -> None:
    """Whose laptops these are, and what the resolver told them."""
    owners = [f"{seat.name.title()} = {{}}" for seat in PEOPLE]
    laptops = [
        f'{seat.name}-laptop = {{ owner = "{seat.name.title()}", addresses = ["{seat.address}"] }}'
        for seat in PEOPLE
    ]
    (lake / "names").mkdir(exist_ok=True)
    (lake / "names/inventory.toml").write_text("\n".join(["[people]", *owners, "[machines]", *laptops, ""]))
    tidegauge("names", "import", str(query_log), "--lake", str(lake), "--time-zone", "UTC")
