"""The model of a disk forgets what a disk may forget, and keeps what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.file_calls import Call, calls_in
from tests.chaos.power_cut import in_any_order
from tests.chaos.volatile_disk import VolatileDisk

ROOT = Path("/life")


class Program:
    """Calls what a program calls, in few words."""

    def __init__(self) -> None:
        self.disk = VolatileDisk(ROOT)

    def write(self, name: str, content: bytes, *, is_forced: bool = False) -> None:
        self.call("openat", "AT_FDCWD", path(name), "O_WRONLY|O_CREAT|O_TRUNC", "0666", result=3)
        self.call("write", "3", content, str(len(content)), result=len(content))
        if is_forced:
            self.call("fdatasync", "3")

    def force_names(self, name: str = "") -> None:
        self.call("openat", "AT_FDCWD", path(name), "O_RDONLY", result=4)
        self.call("fsync", "4")

    def call(self, name: str, *arguments: bytes | str, result: int = 0) -> None:
        self.disk.follow(Call(name, arguments, result))

    def left(self) -> list[dict[str, bytes | None]]:
        """What may be there after a power cut, each once."""
        found: list[dict[str, bytes | None]] = []
        for happened, left in in_any_order(self.disk.changes()):
            if (tree := self.disk.after(happened, left)) not in found:
                found.append(tree)
        return found


@pytest.fixture
def program() -> Program:
    return Program()


def path(name: str) -> bytes:
    return str(ROOT / name).encode()


def test_a_file_that_was_not_forced_may_be_anything(program: Program) -> None:
    program.write("a", b"abcd")
    program.force_names()
    assert [tree["a"] for tree in program.left()] == [b"abcd", b"", bytes(4), b"ab"]
    program.write("a", b"abcd", is_forced=True)
    assert program.left() == [{"a": b"abcd"}]


def test_what_is_written_behind_what_was_forced_leaves_that(program: Program) -> None:
    program.write("a", b"abcd", is_forced=True)
    program.call("pwrite64", "3", b"efgh", "4", "4", result=4)
    program.force_names()
    assert [tree["a"] for tree in program.left()] == [b"abcdefgh", b"abcd", b"abcd\0\0\0\0", b"abcdef"]


def test_a_name_may_be_lost_until_its_folder_is_forced(program: Program) -> None:
    program.write("a", b"a", is_forced=True)
    assert program.left() == [{}, {"a": b"a"}]
    program.force_names()
    assert program.left() == [{"a": b"a"}]


def test_names_change_in_whatever_order(program: Program) -> None:
    for name in ("a", "b"):
        program.write(name, name.encode(), is_forced=True)
    program.force_names()
    program.call("unlink", path("a"))
    program.call("unlink", path("b"))
    kept = [set(tree) for tree in program.left()]
    assert all(names in kept for names in ({"a", "b"}, {"a"}, {"b"}, set()))


def test_a_rename_within_a_folder_is_one_change_and_between_two_it_is_two(program: Program) -> None:
    program.write("a", b"a", is_forced=True)
    program.call("mkdir", path("folder"), "0777")
    program.force_names()
    program.call("rename", path("a"), path("b"))
    assert {frozenset(tree) for tree in program.left()} == {
        frozenset({"a", "folder"}),
        frozenset({"b", "folder"}),
    }
    program.force_names()
    program.call("rename", path("b"), path("folder/b"))
    assert {"folder": None} in program.left()
    program.force_names("folder")
    assert {name for tree in program.left() for name in tree if "folder/b" not in tree} == set()


def test_what_is_in_a_folder_goes_with_its_name(program: Program) -> None:
    program.call("mkdir", path("folder"), "0777")
    program.write("folder/a", b"a", is_forced=True)
    program.force_names("folder")
    assert program.left() == [{}, {"folder": None, "folder/a": b"a"}]


def test_a_call_that_another_threads_came_between() -> None:
    lines = (
        '1 rename("\\x61", "\\x62" <unfinished ...>\n',
        "2 fsync(3) = 0\n",
        "1 <... rename resumed>) = 0\n",
        '2 unlink("\\x61") = -1 ENOENT (No such file or directory)\n',
    )
    assert list(calls_in(iter(lines))) == [Call("fsync", ("3",), 0), Call("rename", (b"a", b"b"), 0)]
