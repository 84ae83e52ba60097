from __future__ import annotations

import duckdb

from tidegauge.flow.numbering import IS_BY_DATAGRAM


def test_datagrams_are_numbered_where_records_are_not() -> None:
    versions = "VALUES ('netflow5'), ('netflow9'), ('ipfix'), ('sflow5')"
    with duckdb.connect() as connection:
        sql = f"SELECT {IS_BY_DATAGRAM} FROM ({versions}) AS v (protocol_version)"
        rows = connection.execute(sql).fetchall()
    assert rows == [(False,), (True,), (False,), (True,)]
