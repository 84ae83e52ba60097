from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.flow_sender import wait_until
from tests.names.pointers import pointers
from tests.names.told import DATA

LOG = str(DATA / "dnsmasq-plain.log")
AS_OF = ("--as-of", "2026-11-23T19:00Z")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(tmp_path / "lake"))
    return tmp_path / "lake"


@pytest.fixture
def imported(lake: Path, terminal: Terminal) -> Path:
    assert terminal("names", "import", *AS_OF, LOG).code == 0
    (lake / "names/inventory.toml").write_text(
        '[people]\nJohn = { team = "sales" }\n'
        '[machines]\npc = { owner = "John", macs = ["00:1b:44:11:3a:01"] }\n'
    )
    return lake


def held(terminal: Terminal, *arguments: str) -> list[tuple[str, str | None, str]]:
    rows = terminal("names", "show", *arguments).rows
    return [(row["since"][11:19], row["person"], row["source"]) for row in rows if row["kind"] == "holder"]


@pytest.mark.usefixtures("lake")
def test_a_summary_of_what_was_read_and_refused(terminal: Terminal) -> None:
    ran = terminal("names", "import", *AS_OF, LOG, str(DATA / "unbound.log"))
    assert [(row["format"], row["names"], row["refused"]) for row in ran.rows] == [
        ("dnsmasq-log", 14, 0),
        ("unbound-log", 0, 7),
    ]
    assert ran.rows[1]["reasons"] == "7 answer without its address; log with dnstap instead"


def test_names_are_learnt_until_it_is_told_to_stop(lake: Path, tmp_path: Path, terminal: Terminal) -> None:
    log = tmp_path / "dns.log"
    command = [
        sys.executable,
        "-m",
        "tidegauge",
        "names",
        "follow",
        str(log),
        "--syslog",
        "udp://127.0.0.1:0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == f"following {log}\n"
        assert process.stderr.readline().startswith("following udp://127.0.0.1:")
        log.write_bytes((DATA / "dnsmasq-plain.log").read_bytes())
        wait_until(lambda: any((lake / "names").glob("*.parquet")))
        process.terminate()
        assert process.stderr.read().splitlines()[-1] == "learnt 12 names"
    assert process.returncode == 0
    assert (lake / "names/followed.json").exists()
    assert len(terminal("names", "show", "www.youtube.com").rows) > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to follow"),
        (("--syslog", "localhost:514"), "udp://HOST:PORT"),
        (("x", "--time-zone", "Mars"), "unknown time zone"),
    ],
)
@pytest.mark.usefixtures("lake")
def test_what_cannot_be_followed_ends_with_2(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    ran = terminal("names", "follow", *arguments)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.usefixtures("lake")
def test_files_that_nobody_knows_end_with_4(terminal: Terminal, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.write_text("hello\n")
    assert terminal("names", "import", str(stranger), LOG).code == 0
    ran = terminal("names", "import", str(stranger))
    assert (ran.code, "no known format" in ran.err) == (4, True)


def test_a_missing_file_makes_no_lake(terminal: Terminal, lake: Path) -> None:
    assert terminal("names", "import", "missing").code == 4
    assert not lake.exists()


@pytest.mark.usefixtures("imported")
def test_who_held_an_address_and_when(terminal: Terminal) -> None:
    assert held(terminal, "192.168.10.95") == [("18:19:32", "John", "dhcp"), ("18:19:36", None, "dhcp")]
    assert held(terminal, "192.168.10.95", "--since", "2026-11-23T18:19:35Z") == [("18:19:36", None, "dhcp")]


@pytest.mark.usefixtures("imported")
def test_a_pin_outranks_a_lease_while_it_lasts(terminal: Terminal) -> None:
    pin = ("192.168.10.95", "Sarah", "--since", "2026-11-23T18:20", "--until", "2026-11-23T18:30")
    assert terminal("names", "pin", *pin).code == 0
    assert held(terminal, "192.168.10.95") == [
        ("18:19:32", "John", "dhcp"),
        ("18:19:36", None, "dhcp"),
        ("18:20:00", "Sarah", "pinned"),
        ("18:30:00", None, "dhcp"),
    ]


@pytest.mark.usefixtures("imported")
def test_a_pinned_machine_is_its_owners_from_the_beginning(terminal: Terminal) -> None:
    assert terminal("names", "pin", "10.9.9.9", "pc", "--machine").code == 0
    assert held(terminal, "10.9.9.9") == [("00:00:00", "John", "pinned")]


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    "arguments",
    [("printer", "John"), ("10.0.0.1", " "), ("10.0.0.1", "John", "--since", "soon")],
    ids=["address", "name", "time"],
)
def test_a_pin_that_cannot_be_meant_ends_with_2(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal("names", "pin", *arguments).code == 2


@pytest.mark.usefixtures("lake")
def test_a_zone_that_does_not_exist_ends_with_2(terminal: Terminal) -> None:
    assert terminal("names", "import", "--time-zone", "Mars/Olympus", LOG).code == 2


def test_an_inventory_is_shown_or_its_mistake_named(terminal: Terminal, imported: Path) -> None:
    assert terminal("names", "inventory", "check").rows == [
        {"machine": "pc", "owner": "John", "team": "sales"}
    ]
    (imported / "names/inventory.toml").write_text('[machines]\npc = { owner = "Jon" }\n')
    ran = terminal("names", "inventory", "check")
    assert (ran.code, "machines.pc.owner" in ran.err) == (4, True)


def test_people_without_a_machine_are_listed_too(terminal: Terminal, imported: Path) -> None:
    (imported / "names/inventory.toml").write_text("[people]\nEmma = {}\n")
    assert terminal("names", "inventory", "check").rows == [{"machine": None, "owner": "Emma", "team": None}]


@pytest.mark.usefixtures("sample")
def test_far_ends_are_asked_about_at_the_resolver_that_was_named(terminal: Terminal) -> None:
    with pointers("dns.example.") as resolver:
        ran = terminal("names", "reverse", "--resolver", resolver, "--limit", "1", "--per-second", "1000")
    assert (ran.code, ran.err) == (0, "found names of 1 of 1 addresses\n")
    [row] = [row for row in terminal("names", "show").rows if row["kind"] == "host"]
    assert (row["name"], row["source"]) == ("dns.example", "ptr")


@pytest.mark.usefixtures("sample")
def test_a_resolver_that_is_none_ends_with_4(terminal: Terminal) -> None:
    ran = terminal("names", "reverse", "--resolver", "nobody")
    assert (ran.code, "'nobody' is no address" in ran.err) == (4, True)
