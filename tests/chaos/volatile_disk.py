"""A disk that forgets: what a power cut may leave of what a program asked for.

It promises no more than POSIX does, which is less than the file systems of today do. What was written to a
file is there once the file was forced to the disk; before, any of it may be: nothing, a part, as many zeros,
what was there earlier. A name is there, or gone, once its folder was forced; before, any of the changes of
names may be on the disk and any may not, in whatever order they were made. To rename within a folder is one
change, between two folders it is two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path, PurePath
from typing import NamedTuple

from tests.chaos.file_calls import Call

LEFT = ("all", "nothing", "zeros", "a part", "earlier")
"""What may be left of a file that was not forced to the disk."""


@dataclass(eq=False)
class File:
    """``content`` is what programs see, ``kept`` what is on the disk for sure."""

    content: bytes = b""
    kept: bytes = b""
    earlier: bytes = b""
    """What was in it before it was last cut to nothing."""

    def left(self, how: str) -> bytes:
        """What is there after a power cut."""
        if self.content == self.kept:
            return self.content
        is_longer = self.content.startswith(self.kept)
        begin = self.kept if is_longer else b""
        match how:
            case "nothing":
                return self.kept
            case "zeros":
                return begin + bytes(len(self.content) - len(begin))
            case "a part":
                return self.content[: (len(begin) + len(self.content)) // 2]
            case "earlier":
                return self.earlier or self.kept
            case _:
                return self.content


@dataclass(eq=False)
class Folder:
    """``names`` is what programs see, ``kept`` what is on the disk for sure."""

    names: dict[str, File | Folder] = field(default_factory=dict)
    kept: dict[str, File | Folder] = field(default_factory=dict)


class Change(NamedTuple):
    """Names of a folder that change at once; None is a name that goes."""

    folder: Folder
    names: dict[str, File | Folder | None]


@dataclass
class Open:
    """A descriptor."""

    node: File | Folder | None
    at: int = 0
    is_appending: bool = False


class VolatileDisk:
    """Follows the calls of a program below the folder ``root``, which is empty and on the disk."""

    def __init__(self, root: Path) -> None:
        self._root_path = PurePath(root)
        self.root = Folder()
        self.pending: list[Change] = []
        self._open: dict[int, Open] = {}
        self._known: dict[str, Callable[..., bool]] = {
            "openat": self._opened,
            "write": self._written,
            "pwrite64": self._written,
            "truncate": self._cut,
            "ftruncate": self._cut,
            "fsync": self._forced,
            "fdatasync": self._forced,
            "rename": self._renamed,
            "link": self._linked,
            "unlink": self._removed,
            "rmdir": self._removed,
            "unlinkat": self._removed_within,
            "mkdir": self._made,
        }

    def follow(self, call: Call) -> bool:
        """Do what a program did; whether anything is other than before."""
        done = self._known.get(call.name)
        if done is None:
            assert not self._touches(call.arguments), f"{call.name} is not understood"
            return False
        return done(*call.arguments, result=call.result)

    def changes(self) -> list[Change]:
        """The changes of names that may be on the disk or not, where they can matter."""
        reachable: set[int] = set()
        waiting: list[File | Folder] = [self.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Folder) and id(node) not in reachable:
                reachable.add(id(node))
                waiting += node.kept.values()
                made = (change.names for change in self.pending if change.folder is node)
                waiting += [each for names in made for each in names.values() if each is not None]
        return [change for change in self.pending if id(change.folder) in reachable]

    def after(self, happened: Iterable[Change], left: str) -> dict[str, bytes | None]:
        """What is there after a power cut: files by their path, and None for folders.

        Of the pending changes those ``happened``; of files that were not forced so much is ``left``.
        """
        names: dict[int, dict[str, File | Folder]] = {}
        for change in happened:
            there = names.setdefault(id(change.folder), dict(change.folder.kept))
            for name, node in change.names.items():
                if node is None:
                    there.pop(name, None)
                else:
                    there[name] = node
        return dict(_walk(self.root, "", names, left))

    def now(self) -> dict[str, bytes | None]:
        """What programs see."""
        return self.after(self.pending, "all")

    def _opened(self, _: str, path: bytes, flags: str, *__: str, result: int) -> bool:
        node = self._node(path)
        is_made = node is None and "O_CREAT" in flags and self._inside(path) is not None
        if is_made:
            node = File()
            self._changed(path, node)
        self._open[result] = Open(node, is_appending="O_APPEND" in flags)
        is_cut = "O_TRUNC" in flags and self._cut(str(result), "0", result=0)
        return is_made or is_cut

    def _written(self, number: str, content: bytes, _: str, at: str = "", *, result: int) -> bool:
        descriptor = self._descriptor(number)
        file = descriptor.node
        if not isinstance(file, File):
            return False
        assert result == len(content), "a part was written"
        begin = int(at) if at else len(file.content) if descriptor.is_appending else descriptor.at
        file.content = file.content[:begin].ljust(begin, b"\0") + content + file.content[begin + result :]
        if not at:
            descriptor.at = begin + result
        return True

    def _cut(self, of: bytes | str, size: str, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        file, length = self._node(of) if isinstance(of, bytes) else self._descriptor(of).node, int(size)
        if not isinstance(file, File) or len(file.content) == length:
            return False
        if length == 0:
            file.earlier = file.content
        file.content = file.content[:length].ljust(length, b"\0")
        return True

    def _forced(self, number: str, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        node = self._descriptor(number).node
        if isinstance(node, File):
            node.kept = node.content
        elif isinstance(node, Folder):
            node.kept = dict(node.names)
            self.pending = [change for change in self.pending if change.folder is not node]
        return node is not None

    def _renamed(self, old: bytes, new: bytes, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        node = self._node(old)
        if node is None:
            assert self._inside(new) is None, "files come from elsewhere"
            return False
        (folder, name), (target, new_name) = self._place(old), self._place(new)
        if folder is target:
            self._change(folder, {name: None, new_name: node})
        else:
            self._change(target, {new_name: node})
            self._change(folder, {name: None})
        return True

    def _linked(self, old: bytes, new: bytes, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        node = self._node(old)
        assert node is not None or self._inside(new) is None, "files come from elsewhere"
        return node is not None and self._changed(new, node)

    def _removed(self, path: bytes, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        return self._changed(path, None)

    def _removed_within(self, number: str, name: bytes, _: str, *, result: int) -> bool:
        if number == "AT_FDCWD":
            return self._removed(name, result=result)
        folder = self._descriptor(number).node
        if isinstance(folder, Folder):
            self._change(folder, {os.fsdecode(name): None})
        return folder is not None

    def _made(self, path: bytes, _: str, *, result: int) -> bool:  # noqa: ARG002 (as the others)
        return self._changed(path, Folder())

    def _changed(self, path: bytes, node: File | Folder | None) -> bool:
        if self._inside(path) is None:
            return False
        folder, name = self._place(path)
        self._change(folder, {name: node})
        return True

    def _change(self, folder: Folder, names: dict[str, File | Folder | None]) -> None:
        for name, node in names.items():
            if node is None:
                del folder.names[name]
            else:
                folder.names[name] = node
        self.pending.append(Change(folder, names))

    def _descriptor(self, number: str) -> Open:
        return self._open.setdefault(int(number), Open(None))

    def _place(self, path: bytes) -> tuple[Folder, str]:
        inside = self._inside(path)
        assert inside is not None, path
        folder = self.root
        for part in inside[:-1]:
            below = folder.names[part]
            assert isinstance(below, Folder)
            folder = below
        return folder, inside[-1]

    def _node(self, path: bytes) -> File | Folder | None:
        inside = self._inside(path)
        if inside is None:
            return None
        if not inside:
            return self.root
        folder, name = self._place(path)
        return folder.names.get(name)

    def _inside(self, path: bytes) -> tuple[str, ...] | None:
        """The parts of a path below the root; None for one elsewhere."""
        found = PurePath(os.fsdecode(path))
        return found.relative_to(self._root_path).parts if found.is_relative_to(self._root_path) else None

    def _touches(self, arguments: Iterable[bytes | str]) -> bool:
        paths = [self._inside(path) for path in arguments if isinstance(path, bytes)]
        numbers = [int(number) for number in arguments if isinstance(number, str) and number.isdecimal()]
        return any(paths) or any(number in self._open and self._open[number].node for number in numbers)


def _walk(
    folder: Folder, path: str, names: dict[int, dict[str, File | Folder]], left: str
) -> Iterator[tuple[str, bytes | None]]:
    for name, node in names.get(id(folder), folder.kept).items():
        below = f"{path}/{name}" if path else name
        if isinstance(node, Folder):
            yield below, None
            yield from _walk(node, below, names, left)
        else:
            yield below, node.left(left)


def write_tree(tree: dict[str, bytes | None], folder: Path) -> None:
    """Put what is there into a real folder."""
    for path, content in tree.items():
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)


def prefixes(changes: list[Change]) -> Iterator[list[Change]]:
    """The changes up to each of them in order, as a file system with one journal keeps them."""
    return accumulate(([change] for change in changes), initial=[])
