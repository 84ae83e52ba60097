"""The story of `tidegauge lab office`, played once as a user would, for tests to ask about."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidegauge.analysis.flows import flows
from tidegauge.lab.wired.network import GATEWAY, STATION_ADDRESS
from tidegauge.lab.wired.sites import TIME_SERVER
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

SECONDS = 15
PATIENCE_SECONDS = 110


@dataclass(frozen=True)
class Story:
    """What the office left behind, and what its page showed while people worked."""

    lake: Lake
    truth: dict[str, Any]
    rows: list[dict[str, Any]]
    seen_live: list[dict[str, Any]]

    @property
    def people(self) -> list[dict[str, Any]]:
        people: list[dict[str, Any]] = self.truth["people"]
        return people

    @cached_property
    def flows(self) -> list[dict[str, Any]]:
        """Every flow that is one, as each router saw it, but those of the office's own machines."""
        own = " and ".join(f"not ip {address}" for address in (GATEWAY, STATION_ADDRESS, TIME_SERVER))
        query = Query(filter=f"bytes > 0 and {own}", duplicates="all", top=0)
        return flows(self.lake, query, time.time_ns()).data

    def way(self, taken_at: str) -> dict[str, Any]:
        """What the path did to what it took there."""
        [found] = [way for way in self.truth["path"] if way["taken_at"] == taken_at]
        return dict(found)


def play(folder: Path, *options: str) -> Story:
    """Have it all happen, and look at the page as soon as it shows somebody."""
    lake, truth = folder / "lake", folder / "truth.json"
    command = [sys.executable, "-m", "tidegauge", "lab", "office", "--seconds", str(SECONDS)]
    command += ["--http", "127.0.0.1:0", "--lake", str(lake), "--truth", str(truth), "--format", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, *options], stdout=pipe, stderr=pipe, text=True) as office:
        try:
            assert office.stderr is not None
            first = office.stderr.readline()
            assert first.startswith("dashboard http://127.0.0.1:"), first + office.stderr.read()
            seen_live = _looked_at(first.split()[1], office)
            told, said = office.communicate(timeout=PATIENCE_SECONDS)
        finally:
            office.terminate()
    assert office.returncode == 0, said
    return Story(Lake.open(lake), json.loads(truth.read_text()), json.loads(told), seen_live)


def _looked_at(page: str, office: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Who the API behind the page says is at work, as soon as there is anybody, else nobody."""
    place = urlsplit(page)
    while office.poll() is None:
        connection = HTTPConnection(place.hostname or "", place.port)
        try:
            connection.request("GET", "/api/v1/top?by=user,site&filter=user+is+not+null+and+bytes+%3E+0")
            answer = json.load(connection.getresponse())
        except OSError:  # it has closed meanwhile
            break
        finally:
            connection.close()
        if answer["data"]:
            rows: list[dict[str, Any]] = answer["data"]
            return rows
        time.sleep(1)
    return []


def carried(rows: Sequence[Mapping[str, Any]], address: str) -> list[int]:
    """Bytes and packets from an address, and to it, as the truth tells them."""
    ways = ([row for row in rows if row[end] == address] for end in ("src_addr", "dst_addr"))
    return [sum(row[name] for row in way) for way in ways for name in ("bytes", "packets")]


def true_carried(told: Mapping[str, Any]) -> list[int]:
    """The same of somebody, or of somebody at one site, in the truth."""
    return [told[name] for name in ("bytes_up", "packets_up", "bytes_down", "packets_down")]
