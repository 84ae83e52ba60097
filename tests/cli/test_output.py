from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import click
import duckdb
import pytest
from nanoarrow import ipc

from tidegauge.analysis.answer import Answer
from tidegauge.cli.output import write_answer, write_rows

COLUMNS = [
    {"name": "time", "type": "instant", "unit": ""},
    {"name": "src_addr", "type": "address", "unit": ""},
    {"name": "duration", "type": "int64", "unit": "nanoseconds"},
    {"name": "bytes", "type": "uint64", "unit": "bytes"},
    {"name": "words", "type": "texts", "unit": ""},
]
ROW = {
    "time": "2026-01-01T12:00:00.123456789Z",
    "src_addr": "10.0.0.1",
    "duration": 1_500_000_000,
    "bytes": 1_234_567,
    "words": ["a", "b"],
}
NOTHING = dict.fromkeys(ROW)
LOST = {"fraction": 0.5, "lost_records": 2, "reasons": {"lost_write": 2}}


def answer(*rows: dict[str, Any]) -> Answer:
    return Answer(
        data=list(rows), columns=COLUMNS, totals={"bytes": 9}, warnings=["look here"], completeness=LOST
    )


def printed(capsys: pytest.CaptureFixture[str], format_name: str | None, *rows: dict[str, Any]) -> str:
    write_answer(answer(*rows), format_name)
    return capsys.readouterr().out


def test_json_is_a_list_of_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "json", ROW, NOTHING)) == [ROW, NOTHING]
    assert json.loads(printed(capsys, "json")) == []


@pytest.mark.parametrize("format_name", ["ndjson", None])
def test_a_pipe_gets_a_row_a_line(capsys: pytest.CaptureFixture[str], format_name: str | None) -> None:
    assert [json.loads(line) for line in printed(capsys, format_name, ROW, NOTHING).splitlines()] == [
        ROW,
        NOTHING,
    ]


def test_csv_has_a_header_and_empty_cells_for_what_is_absent(capsys: pytest.CaptureFixture[str]) -> None:
    header, first, second = csv.reader(io.StringIO(printed(capsys, "csv", ROW, NOTHING), newline=""))
    assert header == list(ROW)
    assert first == [ROW["time"], "10.0.0.1", "1500000000", "1234567", '["a","b"]']
    assert second == [""] * 5


def test_a_table_is_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    header, first, second = printed(capsys, "table", ROW, NOTHING).splitlines()
    assert header.split() == list(ROW)
    assert first.split() == [
        "2026-01-01T12:00:00.123Z",
        "10.0.0.1",
        "1.500",
        "s",
        "1",
        "234",
        "567",
        "a,",
        "b",
    ]
    assert second.split() == ["-"] * 5


def test_a_table_may_show_fewer_columns_and_markup_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer(answer({**ROW, "src_addr": "[red]x"}), "table", columns=("src_addr",))
    assert capsys.readouterr().out.split() == ["src_addr", "[red]x"]


def test_parquet_and_arrow_go_to_stdout(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    write_answer(answer(ROW, NOTHING), "parquet")
    path = tmp_path / "rows.parquet"
    path.write_bytes(capfdbinary.readouterr().out)
    assert duckdb.execute(f"SELECT bytes, words FROM '{path}'").fetchall() == [
        (1_234_567, ["a", "b"]),
        (None, None),
    ]
    write_answer(answer(ROW, NOTHING), "arrow")
    with ipc.InputStream.from_readable(capfdbinary.readouterr().out) as stream:
        assert stream is not None


def test_talk_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer(answer(ROW), "ndjson")
    warning, incomplete = capsys.readouterr().err.splitlines()
    assert warning == "warning: look here"
    assert incomplete.startswith("incomplete: 50.000 %")


def test_the_envelope_carries_everything_and_keeps_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer(answer(ROW), "json", envelope=True)
    ran = capsys.readouterr()
    sent = json.loads(ran.out)
    assert (sent["data"], sent["totals"], sent["warnings"]) == ([ROW], {"bytes": 9}, ["look here"])
    assert sent["completeness"]["lost_records"] == 2
    assert ran.err == ""


def test_rows_without_a_lake(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"name": "x"}], {"name": "text"}, "csv", envelope=False)
    ran = capsys.readouterr()
    assert (ran.out, ran.err) == ("name\r\nx\r\n", "")


@pytest.mark.parametrize("format_name", ["csv", "table", "ndjson", "parquet"])
def test_an_envelope_is_json(capsys: pytest.CaptureFixture[str], format_name: str) -> None:
    with pytest.raises(click.UsageError, match=f"leave out --format {format_name}"):
        write_answer(answer(ROW), format_name, envelope=True)
    assert capsys.readouterr().out == ""


def test_the_next_page_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer(Answer(data=[], columns=COLUMNS, next="abc"), "ndjson")
    assert capsys.readouterr().err == "more: --cursor abc\n"


def test_a_flag_that_no_row_raises_takes_no_column(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [
        {"name": "bytes", "type": "uint64", "unit": "bytes"},
        {"name": "is_partial", "type": "boolean", "unit": ""},
    ]
    write_answer(Answer(data=[{"bytes": 1, "is_partial": False}], columns=columns), "table")
    assert "is_partial" not in capsys.readouterr().out
    write_answer(Answer(data=[{"bytes": 1, "is_partial": True}], columns=columns), "table")
    assert "is_partial" in capsys.readouterr().out
