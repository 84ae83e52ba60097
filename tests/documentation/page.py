"""A page of the documentation, and the examples it shows.

How an example is written says how it is checked:

- ``sh``: commands, each of which ends well.
- ``console``: lines after ``$`` are commands, what follows each is all it prints. ``…`` stands for any
  text, alone on a line for any lines. A command that fails is followed by ``$ echo $?``.
- ``python``: a program that ends well; a ``text`` block right after it is all it prints.
- Any block with ``title=FILE`` is the content of that file. Other blocks are only to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(
    r"^```(?P<language>\w*)(?: title=(?P<title>\S+))?\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
_ANY = "…"
_ANY_LINES = r"(?:.*\n)*"


class Block(NamedTuple):
    """A fenced block; ``line`` is where its body begins."""

    language: str
    title: str
    body: str
    line: int


class Step(NamedTuple):
    """One thing to do; ``printed`` is all it ought to print, None where the page does not say."""

    kind: str
    body: str
    printed: str | None
    line: int
    title: str = ""


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    return [
        Block(
            found["language"],
            found["title"] or "",
            found["body"],
            page.count("\n", 0, found.start("body")) + 1,
        )
        for found in _FENCE.finditer(page)
    ]


def prose(page: str) -> str:
    """What stands between the blocks."""
    return _FENCE.sub("", page)


def steps(path: Path) -> list[Step]:
    """What a reader who follows the page does, in order."""
    found = blocks(path.read_text())
    return [
        step
        for block, after in zip(found, [*found[1:], None], strict=False)
        for step in _steps_of(block, after)
    ]


def _steps_of(block: Block, after: Block | None) -> Iterator[Step]:
    if block.title:
        yield Step("file", block.body, None, block.line, block.title)
    elif block.language == "python":
        printed = after.body if after and after.language == "text" and not after.title else None
        yield Step("python", block.body, printed, block.line)
    elif block.language == "sh":
        for line, command in _commands(block.body):
            yield Step("command", command, None, block.line + line)
    elif block.language == "console":
        yield from _transcript(block)


def _commands(body: str) -> Iterator[tuple[int, str]]:
    """Commands with the line each begins at; a line that ends in a backslash goes on."""
    for found in re.finditer(r"(?:^.*\\\n)*^.+$", body, re.MULTILINE):
        yield body.count("\n", 0, found.start()), found[0]


def _transcript(block: Block) -> Iterator[Step]:
    for found in re.finditer(
        r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", block.body, re.MULTILINE
    ):
        line = block.line + block.body.count("\n", 0, found.start())
        yield Step("command", found["command"], found["printed"], line)


def matches(printed: str, shown: str) -> bool:
    """Whether ``printed`` is what the page shows, whatever stands for ``…`` and the blanks around it."""
    pattern = "".join(
        _ANY_LINES if line.strip() == _ANY else _line_pattern(line) for line in shown.splitlines()
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed.splitlines())) is not None


def _line_pattern(shown: str) -> str:
    return ".*".join(re.escape(part) for part in re.split(rf" *{_ANY} *", shown.rstrip())) + r"\n"
