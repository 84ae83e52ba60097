"""The seam between Python and Rust stays narrow: widening it is a decision, made here."""

from __future__ import annotations

import ast
from pathlib import Path

MAXIMUM_CLASSES = 9
MAXIMUM_METHODS = 52
MAXIMUM_FUNCTIONS = 1


def stub(root: Path) -> ast.Module:
    return ast.parse((root / "src/tidegauge/_core/_native.pyi").read_text())


def test_seam_stays_within_its_budget(root: Path) -> None:
    tree = stub(root)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [node for owner in classes for node in owner.body if isinstance(node, ast.FunctionDef)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert 0 < len(classes) <= MAXIMUM_CLASSES
    assert 0 < len(methods) <= MAXIMUM_METHODS
    assert len(functions) <= MAXIMUM_FUNCTIONS


def test_no_callback_and_no_any_crosses_the_seam(root: Path) -> None:
    names = {node.id for node in ast.walk(stub(root)) if isinstance(node, ast.Name)}
    assert not names & {"Any", "Callable", "object"}


def test_every_class_and_function_of_the_stub_is_re_exported(root: Path) -> None:
    named = {node.name for node in stub(root).body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    doors = ast.parse((root / "src/tidegauge/_core/__init__.py").read_text())
    exported = next(
        ast.literal_eval(node.value)
        for node in doors.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert named == set(exported)


def test_every_class_and_function_of_the_stub_has_a_docstring(root: Path) -> None:
    named = [node for node in stub(root).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    bare = [node.name for node in named if not ast.get_docstring(node)]
    assert not bare
