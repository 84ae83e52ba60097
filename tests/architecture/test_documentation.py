"""The documentation is complete: every word a user can type or read stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import msgspec
import pytest

from tidegauge.app.configuration import Configuration
from tidegauge.cli.main import group
from tidegauge.flow.counters import COUNTERS, MALFORMED
from tidegauge.flow.fields import FIELDS


@pytest.fixture(scope="module")
def pages(root: Path) -> str:
    return "\n".join(path.read_text() for path in [root / "README.md", *(root / "docs").rglob("*.md")])


def commands(command: click.Command, path: str = "tidegauge") -> dict[str, click.Command]:
    """Every command by the words one types, groups opened."""
    if not isinstance(command, click.Group):
        return {path: command}
    found: dict[str, click.Command] = {}
    with click.Context(command) as context:
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found |= commands(below, f"{path} {name}")
    return found


def test_every_command_is_documented(pages: str) -> None:
    missing = [words for words in commands(group) if not re.search(rf"\b{re.escape(words)}\b", pages)]
    assert not missing


def test_every_option_is_documented(pages: str) -> None:
    options = {
        option: words
        for words, command in commands(group).items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
        if option.startswith("--")
    }
    missing = {option: words for option, words in options.items() if option not in pages}
    assert not missing


def test_every_option_has_a_help_text() -> None:
    silent = [
        f"{words} {parameter.opts[0]}"
        for words, command in commands(group).items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert not silent


def words_of(table: type[msgspec.Struct], path: str = "") -> Iterator[str]:
    """Every word of a table, and of those below it, as ``table.word``."""
    for field in msgspec.structs.fields(table):
        kinds = [field.type, *get_args(field.type)]
        below = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
        yield from (word for kind in below for word in words_of(kind, f"{path}{field.name}."))
        if not below:
            yield path + field.name


def test_every_word_of_the_configuration_is_documented(root: Path) -> None:
    page = (root / "docs/how-to/run-everything.md").read_text()
    words = list(words_of(Configuration))
    assert "time.serve.burst" in words
    assert not [word for word in words if f"`{word}`" not in page]


@pytest.mark.parametrize("word", [*(field.name for field in FIELDS), *COUNTERS, *MALFORMED])
def test_every_field_and_counter_is_documented(word: str, pages: str) -> None:
    assert f"`{word}`" in pages


def test_every_link_between_pages_leads_somewhere(root: Path) -> None:
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_decisions_are_numbered_without_gaps(root: Path) -> None:
    names = sorted(path.name for path in (root / "docs/decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
