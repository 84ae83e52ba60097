"""A reader who types what the pages say sees what the pages show."""

from __future__ import annotations

import re
import shlex
import time
import tomllib
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.documentation.page import Step, matches, steps
from tests.documentation.terminal import Ran, Terminal
from tests.surroundings import ROOT

PAGES = [ROOT / "README.md", ROOT / "docs/tutorial.md", *sorted((ROOT / "docs/how-to").rglob("*.md"))]

# Commands that no test runs, and why.
EXCLUDED = {
    r"make ": "sets up or tests the clone itself; continuous integration runs it in a fresh one",
    r"pip install ": "asks a package index; what it would install is laid out by hand instead",
}
# Commands that only look: safe to repeat until what was just sent is stored.
QUESTION = re.compile(r"tidegauge (top|flows|series|exporters|clocks|ledger|alerts)\b")
PATIENCE_SECONDS = 10


def reason_not_to_run(command: str) -> str:
    return next((reason for start, reason in EXCLUDED.items() if re.match(start, command)), "")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def ask(terminal: Terminal, step: Step) -> Ran:
    """Run a command; a question whose answer is not there yet is asked again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ran = terminal.run(step.body)
    while (
        QUESTION.match(step.body)
        and step.printed is not None
        and not matches(ran.printed, step.printed)
        and time.monotonic() < deadline
    ):
        time.sleep(0.2)
        ran = terminal.run(step.body)
    return ran


def follow(terminal: Terminal, step: Step, desk: Path) -> Ran:
    if step.kind == "file":
        write(desk / step.title.replace("$TIDEGAUGE_LAKE", "../lake"), terminal.local(step.body))
        return Ran(0, "")
    if step.kind == "python":
        program = desk / "example.py"
        program.write_text(terminal.local(step.body))
        return terminal.run("python example.py")
    return ask(terminal, step)


def write(path: Path, body: str) -> None:
    """Write a file the page shows; entry points of a project count as installed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body)
    if path.name == "pyproject.toml":
        install(path)


def install(project: Path) -> None:
    """Lay out what pip would leave of a project's name and entry points, beside its modules."""
    described = tomllib.loads(project.read_text())["project"]
    folder = project.parent / f"{described['name'].replace('-', '_')}-{described['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Name: {described['name']}\nVersion: {described['version']}\n")
    lines = []
    for group, points in described["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (folder / "entry_points.txt").write_text("\n".join(lines))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_example_does_what_the_page_says(page: Path, terminal: Terminal, desk: Path) -> None:
    todo = [step for step in steps(page) if not reason_not_to_run(step.body)]
    for step, following in zip_longest(todo, todo[1:]):
        ran = follow(terminal, step, desk)
        place = f"{name_of(page)}:{step.line}: {step.body}"
        fails_on_purpose = following is not None and following.body == "echo $?"
        assert (ran.code != 0) == fails_on_purpose, f"{place}\nended with {ran.code}\n{ran.printed}"
        if step.printed is not None:
            assert matches(ran.printed, step.printed), f"{place}\nprinted\n{ran.printed}"
    assert [ended for ended in terminal.stop_daemons() if ended.code] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_transcript_is_whole(page: Path) -> None:
    """No command slips through by a slip of the pen: each line after ``$`` is a step, and it parses."""
    commands = [step.body for step in steps(page) if step.kind == "command"]
    assert len(commands) >= len(re.findall(r"^\$ ", page.read_text(), re.MULTILINE))
    for command in commands:
        shlex.split(command, comments=True)


def test_every_exclusion_is_needed() -> None:
    bodies = [step.body for page in PAGES for step in steps(page)]
    assert [start for start in EXCLUDED if not any(re.match(start, body) for body in bodies)] == []
