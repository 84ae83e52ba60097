"""A function fits on a screen."""

from __future__ import annotations

import ast
from pathlib import Path

MAXIMUM_LINES = 60


def long_functions(path: Path) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAXIMUM_LINES
    ]


def test_functions_fit_on_a_screen(root: Path) -> None:
    folders = [root / name for name in ("src", "schema", "tests", "bench")]
    found = [line for folder in folders for path in folder.rglob("*.py") for line in long_functions(path)]
    assert not found, "\n".join(found)


def test_a_long_function_is_found(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("def f():\n" + "    x = 1\n" * MAXIMUM_LINES)
    assert long_functions(path) == [f"{path}:1 f has 61 lines"]
