from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.analysis.test_time_service import asker, keep, record
from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.time_devices import time_devices
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.ntp.askers import Asker
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake

LAPTOP, PRINTER, CAMERA, POOL = "192.168.10.17", "192.168.20.20", "192.168.20.21", "192.0.2.123"
HOUR = 3600


def flow(source: str, port: int, at: int) -> Row:
    moment = NOON + at * SECOND
    ends = {"src_addr": source, "dst_addr": POOL, "src_port": 50_000, "dst_port": port}
    life = {"received": moment, "start": moment, "end": moment}
    return {**ends, **life, "protocol": 17, "packets": 1, "bytes": 76}


def test_devices_ask_stopped_or_never_ask(tmp_path: Path) -> None:
    flows = [flow(LAPTOP, 123, at) for at in range(0, 2 * HOUR, 1024)]
    flows += [flow(PRINTER, 123, at) for at in (0, 64, 128)]
    flows += [flow(PRINTER, 443, 2 * HOUR), flow(CAMERA, 443, 0)]
    answer = time_devices(make_lake(tmp_path, flows), Query(), NOON + 2 * HOUR * SECOND)
    assert [(row["address"], row["state"], row["interval_seconds"]) for row in answer.data] == [
        (LAPTOP, "asks", 1024.0),
        (PRINTER, "stopped", 64.0),
        (CAMERA, "never asks", None),
    ]
    assert [column["name"] for column in answer.columns] == list(answer.data[0])


def test_devices_are_ordered_and_cut(tmp_path: Path) -> None:
    flows = [flow(LAPTOP, 123, 0), flow(CAMERA, 443, 0)]
    answer = time_devices(make_lake(tmp_path, flows), Query(order="state:desc", top=1), NOON)
    assert [(row["address"], row["state"]) for row in answer.data] == [(CAMERA, "never asks")]


def test_one_question_has_no_interval(tmp_path: Path) -> None:
    [row] = time_devices(make_lake(tmp_path, [flow(LAPTOP, 123, 0)]), Query(), NOON).data
    assert (row["state"], row["interval_seconds"]) == ("asks", None)


OURS = "192.168.10.5"
NOW = NOON + 2 * HOUR * SECOND


def joined(lake: Lake, **asked: Any) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Rows by device and server."""
    return {(row["address"], row["server"]): row for row in time_devices(lake, Query(**asked), NOW).data}


def keep_now(lake: Lake, *clients: Asker) -> None:
    fresh = [msgspec.structs.replace(client, last_seen=text_from_instant(NOW)) for client in clients]
    keep(lake, msgspec.structs.replace(record(*fresh, addresses=(OURS,)), written=text_from_instant(NOW)))


def test_both_views_make_one_inventory(tmp_path: Path) -> None:
    flows = [flow(LAPTOP, 123, 0), flow(LAPTOP, 443, 60), flow(PRINTER, 443, 0), flow(CAMERA, 443, 0)]
    flows.append({**flow(CAMERA, 123, 0), "dst_addr": OURS})
    lake = make_lake(tmp_path, flows)
    keep_now(lake, asker(PRINTER, offset=300.0), asker(CAMERA), asker("192.168.30.1", offset=0.001))
    found = joined(lake)
    words = ("state", "sync", "seen_by", "is_own_server", "requests")
    assert {key: tuple(row[word] for word in words) for key, row in found.items()} == {
        # Somebody else's client: nobody tells how right it is.
        (LAPTOP, POOL): ("asks", "unknown", "flows", False, 1),
        # By flows alone it would ask nobody: nothing meters its own network.
        (PRINTER, OURS): ("asks", "off", "server", True, 9),
        (CAMERA, OURS): ("asks", "unknown", "both", True, 1),
        # No flow tells of it at all.
        ("192.168.30.1", OURS): ("asks", "in sync", "server", True, 9),
    }
    assert found[PRINTER, OURS]["offset_seconds"] == 300.0
    assert found[CAMERA, OURS]["interval_seconds"] == 64.0


def test_a_client_may_ask_others_as_well(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, [flow(LAPTOP, 123, 0)])
    keep_now(lake, asker(LAPTOP, offset=0.2))
    found = joined(lake)
    assert (found[LAPTOP, POOL]["sync"], found[LAPTOP, OURS]["sync"]) == ("unknown", "off")


def test_a_filter_leaves_out_clients_that_no_flow_of_it_tells_of(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, [flow(LAPTOP, 443, 0), flow(PRINTER, 443, 0)])
    keep_now(lake, asker(LAPTOP), asker("192.168.30.1"))
    assert set(joined(lake, filter=f"addr {LAPTOP}")) == {(LAPTOP, OURS)}


def test_the_servers_view_is_that_of_now(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, [flow(LAPTOP, 443, 0)])
    keep_now(lake, asker(LAPTOP))
    assert set(joined(lake, until="2026-01-01T13:00Z")) == {(LAPTOP, None)}


def test_a_client_of_whom_no_flow_tells_has_its_name(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, [flow(LAPTOP, 443, 0)])
    name_printer(lake)
    keep_now(lake, asker(PRINTER))
    assert joined(lake)[PRINTER, OURS]["machine"] == "printer"


def test_a_device_is_not_called_what_the_other_end_of_its_flows_is(tmp_path: Path) -> None:
    asked = flow(PRINTER, 123, 0)
    answered = {**asked, "src_addr": POOL, "dst_addr": PRINTER, "src_port": 123, "dst_port": 50_000}
    served = {**answered, "src_addr": LAPTOP, "src_port": 53}
    lake = make_lake(tmp_path, [asked, answered, served])
    name_printer(lake)
    rows = time_devices(lake, Query(), NOON + HOUR * SECOND).data
    assert {row["address"]: row["machine"] for row in rows} == {PRINTER: "printer", LAPTOP: None}


def name_printer(lake: Lake) -> None:
    address = address_from_text(PRINTER).to_bytes(16)
    held = Binding(
        kind=Kind.MACHINE,
        address=address,
        name="printer",
        since=NOON,
        until=None,
        source="test",
        confidence=50,
    )
    append(lake, [held], NOON)
