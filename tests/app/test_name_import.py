from __future__ import annotations

import gzip
import os
from datetime import UTC
from pathlib import Path

import pytest

from tests.names.mmdb import mmdb
from tests.names.told import DATA, WRITTEN
from tidegauge.analysis.naming import provide
from tidegauge.app.name_import import NameImport
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

AMAZON = '{"prefixes": [{"ip_prefix": "3.5.140.0/22", "service": "S3"}]}'


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def rows(lake: Lake, lookup: str, sql: str) -> list[tuple[object, ...]]:
    with lake.generation() as generation, Engine(generation) as engine:
        provide(engine, lake, [lookup], None, None)
        return engine.rows(sql)


def test_files_are_read_by_what_they_hold(lake: Lake) -> None:
    paths = [DATA / "dnsmasq-plain.log", DATA / "unbound.log"]
    first, second = NameImport(lake, UTC, WRITTEN).read(paths)
    assert (first.path, first.format, first.names, dict(first.refused)) == (paths[0], "dnsmasq-log", 14, {})
    assert (second.format, second.names, sum(second.refused.values())) == ("unbound-log", 0, 7)
    assert rows(lake, "src_holder", "SELECT DISTINCT machine FROM holders ORDER BY ALL") == [
        ("john-laptop",), ("sarah-laptop",),
    ]  # fmt: skip


def test_packed_files_are_unpacked(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "log.2.gz"
    path.write_bytes(gzip.compress((DATA / "dnsmasq-plain.log").read_bytes()))
    [read] = NameImport(lake, UTC, WRITTEN, as_of=WRITTEN).read([path])
    assert (read.format, read.names) == ("dnsmasq-log", 14)


@pytest.mark.parametrize(("as_of", "since"), [(None, 1_000_000_000 * 10**9), (WRITTEN, WRITTEN)])
def test_a_table_holds_from_when_the_file_was_written(
    lake: Lake, tmp_path: Path, as_of: int | None, since: int
) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.168.20.10 files.office.example\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    list(NameImport(lake, UTC, WRITTEN, as_of).read([path]))
    assert rows(lake, "far_host", "SELECT since, name FROM hosts") == [(since, "files.office.example")]


def test_a_stranger_is_nobody(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "stranger"
    path.write_bytes(b"hello\n")
    [read] = NameImport(lake, UTC, WRITTEN).read([path])
    assert (read.format, read.names) == (None, 0)


def test_published_ranges_replace_those_of_before(lake: Lake, tmp_path: Path) -> None:
    amazon, google, broken = (tmp_path / name for name in ("amazon.json", "google.json", "broken.json"))
    amazon.write_text(AMAZON)
    google.write_text('{"prefixes": [{"ipv4Prefix": "8.8.4.0/24"}]}')
    broken.write_text('{"prefixes": [{"ipv4Prefix": "x"}]}')
    read = list(NameImport(lake, UTC, WRITTEN).read([amazon, google, broken]))
    assert [(found.format, found.names) for found in read] == [("ranges", 1), ("ranges", 1), ("ranges", 0)]
    assert list(read[2].refused) == ["'x' is no network"]
    services = "SELECT service, category FROM range_services ORDER BY ALL"
    assert rows(lake, "far_service", services) == [("Amazon S3", "cloud"), ("Google", "cloud")]
    list(NameImport(lake, UTC, WRITTEN).read([google]))
    assert rows(lake, "far_service", services) == [("Google", "cloud")]


def test_places_are_laid_over_one_another(lake: Lake, tmp_path: Path) -> None:
    asn, country = tmp_path / "asn.mmdb", tmp_path / "country.mmdb"
    asn.write_bytes(mmdb({"192.0.2.0/25": {"autonomous_system_number": 64496}}))
    country.write_bytes(mmdb({"192.0.2.0/24": {"country": {"iso_code": "DE"}}}))
    read = list(NameImport(lake, UTC, WRITTEN).read([asn, country]))
    assert [(found.format, found.names) for found in read] == [("places", 1), ("places", 1)]
    assert rows(lake, "src_place", "SELECT as_number, country FROM places ORDER BY first") == [
        (64496, "DE"),
        (None, "DE"),
    ]
