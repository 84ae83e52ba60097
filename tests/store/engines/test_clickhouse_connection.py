from __future__ import annotations

import sys

import pytest

from tests.clickhouse import DSN
from tidegauge.store.engines.clickhouse_connection import Connection
from tidegauge.store.errors import LakeError, LakeUnreadableError

ODD = "it's\ta\\b\n\r\0`é'"


def test_values_arrive_as_they_are() -> None:
    with Connection(DSN) as connection:
        sql = "SELECT hex({p1: String}), {p2: Nullable(Int64)} IS NULL, {p3: Array(Int64)}"
        told = connection.ask(f"{sql} FORMAT JSONCompactEachRow", {"p1": ODD, "p2": None, "p3": "[1, -2]"})
        assert told == f'["{ODD.encode().hex().upper()}", 1, [1,-2]]\n'.encode()


def test_tables_of_one_session_are_not_those_of_another() -> None:
    with Connection(DSN) as one, Connection(DSN) as other:
        for connection, line in ((one, b'{"a": 1}'), (other, b'{"a": 2}')):
            connection.ask("CREATE TEMPORARY TABLE mine (a Int64)", {})
            connection.insert("mine", line)
        assert one.ask("SELECT a FROM mine FORMAT TSV", {}) == b"1\n"


def test_what_went_wrong_is_told_without_the_password() -> None:
    with Connection(DSN) as connection, pytest.raises(LakeUnreadableError, match="colour"):
        connection.ask("SELECT colour", {})
    with pytest.raises(LakeUnreadableError, match=r"http://127\.0\.0\.1/flows did not answer") as told:
        Connection("http://reader:secret@127.0.0.1:9/flows")
    assert "secret" not in str(told.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "clickhouse_connect", None)
    with pytest.raises(LakeError, match=r"tidegauge\[clickhouse\]"):
        Connection(DSN)
