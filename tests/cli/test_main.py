from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from tests.cli.running import Terminal
from tidegauge.cli.main import COMMANDS, FILTER, UNREACHABLE, USAGE, group


def test_help_lists_every_command_without_loading_one(terminal: Terminal) -> None:
    ran = terminal("--help")
    assert ran.code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in ran.out
        assert summary in " ".join(ran.out.split())


def test_help_imports_only_click() -> None:
    code = "import sys; from tidegauge.cli.main import run; run(['--help']); print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(printed.splitlines()[-1].split())
    assert "click" in loaded
    assert not loaded & {"duckdb", "msgspec", "rich", "starlette", "tidegauge.query", "tidegauge._core"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_file(name: str) -> None:
    assert find_spec(f"tidegauge.cli.{COMMANDS[name][0]}") is not None


@pytest.mark.parametrize(
    "name", ["top", "flows", "series", "exporters", "clocks", "ledger", "fields", "filter"]
)
def test_a_command_loads_when_asked_for(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize("arguments", [("--version",), ("top", "--help"), ("filter", "check", "tcp")])
def test_success_is_0(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal(*arguments).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("top",),
        ("top", "colour"),
        ("top", "src_addr", "--since", "soon"),
        ("flows", "--format", "x"),
    ],
)
@pytest.mark.usefixtures("sample")
def test_wrong_usage_is_2(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    ran = terminal(*arguments)
    assert ran.code == USAGE
    assert "Error: " in ran.err
    assert ran.out == ""


@pytest.mark.usefixtures("sample")
def test_a_wrong_filter_is_3_and_has_a_caret(terminal: Terminal) -> None:
    ran = terminal("top", "src_addr", "tcp and", "prot 6")
    assert ran.code == FILTER
    assert ran.err.splitlines()[:2] == ["tcp and prot 6", "        ^"]
    assert "column 9" in ran.err


def test_no_lake_is_4(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("flows", "--lake", str(tmp_path / "none"))
    assert ran.code == UNREACHABLE
    assert "there is no lake" in ran.err


def test_what_the_system_says_is_told_without_its_number(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("import", str(tmp_path / "none.pcap"), "--lake", str(tmp_path / "lake"))
    assert ran.code == UNREACHABLE
    assert ran.err == f"Error: {tmp_path / 'none.pcap'}: No such file or directory\n"


def test_a_reader_that_has_seen_enough_is_no_error(sample: Path) -> None:
    command = f"{sys.executable} -m tidegauge flows --format csv --lake {sample} | true"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "Error" in ran.stderr, "Traceback" in ran.stderr) == (0, False, False)
