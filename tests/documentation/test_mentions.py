"""Commands and options named in the prose exist, with these very words."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.documentation.page import prose
from tests.surroundings import ROOT
from tidegauge.cli.main import group

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
# Options of other programs that a page names.
FOREIGN = {"--editable", "--flows", "--series", "--clocks", "--has"}


def spans(page: Path) -> list[str]:
    """What stands in backquotes outside the blocks."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page.read_text()))]


def command_of(words: list[str]) -> click.Command:
    """The command these words run, as deep as they name one."""
    command: click.Command = group
    for word in words:
        if not isinstance(command, click.Group) or not word[0].isalpha() or word.isupper():
            break
        found = command.get_command(click.Context(command), word)
        assert found is not None, f"there is no command {word}"
        command = found
    return command


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts} | {"--help"}


def every_option(command: click.Command) -> set[str]:
    if not isinstance(command, click.Group):
        return options_of(command)
    below = [
        command.get_command(click.Context(command), name)
        for name in command.list_commands(click.Context(command))
    ]
    return options_of(command).union(*(every_option(each) for each in below if each is not None))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_in_the_prose_exist(page: Path) -> None:
    for span in spans(page):
        if not re.match(r"tidegauge [a-z]", span):
            continue
        words = span.split()[1:]
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options_of(command_of(words)), span


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_options_in_the_prose_exist(page: Path) -> None:
    named = {span.split()[0].partition("=")[0] for span in spans(page) if span.startswith("--")}
    assert named <= every_option(group) | FOREIGN
