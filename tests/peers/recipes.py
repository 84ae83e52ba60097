"""What the pages about routers tell people to type, so that tests type the very same."""

from __future__ import annotations

import shlex

from tests.documentation.page import blocks
from tests.surroundings import ROOT

PAGES = ROOT / "docs/how-to/routers"


def recipe(page: str, words: str, changes: dict[str, str]) -> str:
    """The one block of a page that holds these words; each change is of something that is there."""
    (found,) = [block.body for block in blocks((PAGES / f"{page}.md").read_text()) if words in block.body]
    for shown, here in changes.items():
        assert shown in found, f"{page}.md no longer says {shown}"
        found = found.replace(shown, here)
    return found


def arguments(command: str, program: str) -> list[str]:
    """What stands after the name of the program in a line for a shell."""
    name, *rest = shlex.split(command)
    assert name == program
    return rest
