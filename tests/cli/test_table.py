from __future__ import annotations

import io

import pytest

from tidegauge.cli.table import TableColumn, write_table


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(*columns: TableColumn, stream: io.StringIO | None = None) -> list[str]:
    stream = stream or io.StringIO()
    write_table(columns, stream)
    return stream.getvalue().splitlines()


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    names = TableColumn("who", ["Ann", "Wilhelmina"], is_left=True)
    counts = TableColumn("bytes", ["1", "1234567"], is_left=False)
    assert written(names, counts, names) == [
        "who           bytes  who",
        "Ann               1  Ann",
        "Wilhelmina  1234567  Wilhelmina",
    ]


def test_what_is_twice_as_wide_counts_twice() -> None:
    names = TableColumn("who", ["\u6f6e", "e\u0301"], is_left=True)
    assert written(names, TableColumn("n", ["1", "2"], is_left=False)) == [
        "who  n",
        "\u6f6e   1",
        "e\u0301    2",
    ]


def test_a_table_without_rows_or_columns_is_a_line() -> None:
    assert written(TableColumn("who", [], is_left=True)) == ["who"]
    assert written() == [""]


def test_names_of_strangers_give_a_terminal_no_orders() -> None:
    hostile = "a\x1b[2Jb\nc\u202ed\u202f1"
    assert written(TableColumn("who", [hostile], is_left=True)) == ["who", r"a\x1b[2Jb\nc\u202ed" + "\u202f1"]


def test_a_terminal_shows_the_header_bold_unless_somebody_minds(monkeypatch: pytest.MonkeyPatch) -> None:
    column = TableColumn("who", ["Ann"], is_left=True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert written(column, stream=Terminal()) == ["\x1b[1mwho\x1b[0m", "Ann"]
    monkeypatch.setenv("NO_COLOR", "1")
    assert written(column, stream=Terminal()) == written(column)
