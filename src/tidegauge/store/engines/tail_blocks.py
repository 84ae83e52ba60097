"""Blocks: small files, above all those of a tail, read into the stock once instead of at each look at them.

A tail gains a set of files twice a second and loses a minute of them at once. A hundred cost more to open
than their rows to count. New files become a block; blocks of like size are joined, so that a row is copied a
few times and the blocks stay few.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from tidegauge.store.engines.database import files_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

    from tidegauge.store.engines.stock import Kept, Stock

LARGEST_FILE_BYTES = 128 * 1024
"""A larger file is worth opening."""
_SHARE = 64
"""This part of the stock may be filled, in bytes of the files; in memory rows take some 25 times those."""


def borrow_blocks(
    stock: Stock, connection: duckdb.DuckDBPyConnection, table: str, paths: Iterable[str]
) -> tuple[list[Kept], list[str]]:
    """Blocks that together hold files of a table and no others, to be given back; and the files left out."""
    paths = list(paths)
    wanted = frozenset(_worth_keeping(paths, stock.most_bytes // _SHARE))
    with stock.making(_name(table)):
        found = stock.borrow(_name(table), lambda key: cast("frozenset[str]", key) <= wanted)
        blocks, spare, missing = [], [], set(wanted)
        # A block stays for a while beside the larger one it was joined into: that one comes first.
        for block in sorted(found, key=lambda block: -len(_files(block))):
            if _files(block) <= missing:
                blocks.append(block)
                missing -= _files(block)
            else:
                spare.append(block)
        stock.give_back(spare)
        if missing:
            _add(stock, connection, table, blocks, missing)
    return blocks, [path for path in paths if path not in wanted]


def _add(
    stock: Stock, connection: duckdb.DuckDBPyConnection, table: str, blocks: list[Kept], files: set[str]
) -> None:
    """Read files into a block, together with the blocks that are not much larger."""
    joined: list[Kept] = []
    holds = set(files)
    while blocks and len(_files(blocks[-1])) <= 2 * len(holds):
        joined.append(blocks.pop())
        holds |= _files(joined[-1])
    parts = [files_sql(sorted(files), table), *(block.table for block in joined)]
    try:
        blocks.append(stock.keep(connection, _name(table), frozenset(holds), _union(parts)))
    except BaseException:
        stock.give_back(blocks)
        raise
    finally:
        stock.give_back(joined)


def _union(parts: Iterable[str]) -> str:
    return " UNION ALL BY NAME ".join(f"FROM {part}" for part in parts)


def _worth_keeping(paths: Iterable[str], most_bytes: int) -> Iterator[str]:
    """The small files, the oldest first, as far as they find room."""
    for path in paths:
        size = os.stat(path).st_size  # noqa: PTH116 (for a hundred files at each question)
        if size <= LARGEST_FILE_BYTES and size <= most_bytes:
            most_bytes -= size
            yield path


def _name(table: str) -> str:
    return f"blocks of {table}"


def _files(block: Kept) -> frozenset[str]:
    return cast("frozenset[str]", block.key)
