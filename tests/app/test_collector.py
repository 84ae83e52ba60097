from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.flow_sender import send, wait_until
from tests.numbered_flows import datagrams, ledger_sum, levels, numbers_in
from tests.snmp_agent import COMMUNITY, agent
from tidegauge._core import Decoder
from tidegauge.app import collector as collector_module
from tidegauge.app import element_watch
from tidegauge.app.collector import Collector
from tidegauge.app.intake import ReceivingSettings
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake
from tidegauge.store.reconciliation import unstored

SOURCES = [f"127.0.8.{host}" for host in range(1, 21)]


@contextmanager
def running(lake: Lake, *addresses: ListenAddress, receivers: int = 1) -> Iterator[Collector]:
    collector = Collector(lake, addresses, time.time_ns, ReceivingSettings(receivers=receivers))
    collector.start()
    try:
        yield collector
    finally:
        collector.stop()


@contextmanager
def collecting_process(
    lake: Lake, address: ListenAddress, *options: str
) -> Iterator[tuple[subprocess.Popen[str], ListenAddress]]:
    """`tidegauge collect` in a process of its own, and where it listens."""
    command = [
        sys.executable,
        "-m",
        "tidegauge",
        "collect",
        "--listen",
        str(address),
        "--lake",
        str(lake.path),
        *options,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith("listening udp://"))
            yield process, ListenAddress.parse(told.removeprefix("listening ").strip())
        finally:
            process.kill()


def element_names(lake: Lake) -> set[str]:
    """Names of all elements in the lake that have no column."""
    query = "SELECT DISTINCT unnest(other).element FROM read_parquet($1)"
    with lake.generation() as generation:
        paths = [str(segment.path) for segment in generation.segments("flows")]
        found = duckdb.execute(query, [paths]).fetchall() if paths else []
    return {name for (name,) in found}


def bound(source: str) -> socket.socket:
    exporter = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    exporter.bind((source, 0))
    return exporter


def resumable(folder: Path) -> int:
    """Templates that the next collector would take over."""
    kept = [path.read_bytes() for path in folder.glob("udp-*")]
    return sum(Decoder(knowledge=(content, 0)).counters()["resumed_templates"] for content in kept)


def free_address() -> ListenAddress:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return ListenAddress(*probe.getsockname())


def test_two_listeners_fill_one_lake(lake: Lake, loopback: ListenAddress) -> None:
    with running(lake, loopback, loopback) as collector:
        first, second = collector.addresses
        assert first.port != second.port
        send(first, range(30))
        send(second, range(30, 60))
        wait_until(lambda: numbers_in(lake) == list(range(60)))


def test_a_stop_loses_nothing_and_leaves_no_tail(lake: Lake, loopback: ListenAddress) -> None:
    with running(lake, loopback) as collector:
        send(collector.addresses[0], range(3000))
    assert numbers_in(lake) == list(range(3000))
    with lake.generation() as generation:
        assert {segment.level for segment in generation.segments("flows")} == {"minute"}
    assert ledger_sum(lake, "stored") == 3000
    assert ledger_sum(lake, "lost_write") == 0


def test_several_receivers_fill_one_tail(lake: Lake, loopback: ListenAddress) -> None:
    with running(lake, loopback, receivers=2) as collector:
        for number, source in enumerate(SOURCES):
            send(collector.addresses[0], range(300 * number, 300 * number + 300), source=source)
        wait_until(lambda: collector.statistics()["stored"] == 300 * len(SOURCES))
        statistics = collector.statistics()
        assert {each["exporter"] for each in statistics["exporters"]} == set(SOURCES)
        assert (statistics["records"]["netflow5"], statistics["lost"]["records"]) == (300 * len(SOURCES), 0)
        assert len(list((lake.path / "tail").iterdir())) == 1
    assert numbers_in(lake) == list(range(300 * len(SOURCES)))
    assert ledger_sum(lake, "stored") == ledger_sum(lake, "records") == 300 * len(SOURCES)
    assert ledger_sum(lake, "lost_write") == 0


def test_a_taken_address_releases_the_others(lake: Lake, loopback: ListenAddress) -> None:
    with running(lake, loopback) as collector:
        taken = collector.addresses[0]
        second = Collector(lake, [loopback, taken], time.time_ns)
        with pytest.raises(OSError, match="cannot listen"):
            second.start()
        assert second.addresses == []


def test_tails_are_compacted_on_the_way(
    lake: Lake, loopback: ListenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_module, "COMPACT_SECONDS", 0.05)
    with running(lake, loopback) as collector:
        send(collector.addresses[0], range(10))
        wait_until(lambda: levels(lake) == ["minute"])
        send(collector.addresses[0], range(10, 20))
        wait_until(lambda: levels(lake) == ["minute", "minute"])
        assert numbers_in(lake) == list(range(20))


def test_a_failing_compaction_is_tried_again(
    lake: Lake, loopback: ListenAddress, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(collector_module, "COMPACT_SECONDS", 0.05)
    with running(lake, loopback) as collector:
        writer = collector._intakes[0].writer
        with monkeypatch.context() as patch:
            patch.setattr(writer, "compact", lambda _: 1 / 0)
            wait_until(lambda: "compaction failed" in caplog.text)
        send(collector.addresses[0], [1])
        wait_until(lambda: levels(lake) == ["minute"])


def test_damage_left_by_others_does_not_keep_a_collector_from_receiving(
    lake: Lake, loopback: ListenAddress, caplog: pytest.LogCaptureFixture
) -> None:
    tail = lake.path / "tail" / "collect-2055-dead"
    tail.mkdir(parents=True)
    (tail / "lock").touch()
    (tail / "000000000001.ledger.parquet").write_bytes(b"garbage")
    with running(lake, loopback) as collector:
        send(collector.addresses[0], range(30))
        wait_until(lambda: collector.statistics()["stored"] == 30)
    assert "a set of files is torn" in caplog.text
    assert [path.name for path in (lake.path / "damaged" / tail.name).iterdir()] == [
        "000000000001.ledger.parquet"
    ]
    assert sum(segment.rows for segment in lake.manifest().segments if segment.table == "flows") == 30


def test_a_folder_that_cannot_be_searched_does_not_either(
    lake: Lake, loopback: ListenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Lake) -> int:
        raise PermissionError("not ours")

    monkeypatch.setattr(collector_module, "remove_orphans", fail)
    with running(lake, loopback) as collector:
        send(collector.addresses[0], range(30))
        wait_until(lambda: numbers_in(lake) == list(range(30)))


def test_a_killed_collector_owes_what_it_did_not_store(lake: Lake, loopback: ListenAddress) -> None:
    with collecting_process(lake, loopback) as (process, address):
        send(address, range(600))
        wait_until(lambda: len(numbers_in(lake)) == 600)
        send(address, range(600, 900))
        time.sleep(0.05)  # received, and with luck not yet stored
        process.kill()
    numbers = numbers_in(lake)
    assert numbers == list(range(len(numbers)))
    with lake.generation() as generation:
        owed = sum(row.counters["lost_write"] for row in unstored(generation))
    received = ledger_sum(lake, "records") + owed
    assert received - owed == len(numbers) == ledger_sum(lake, "stored")
    assert 600 <= received <= 900

    with running(lake, loopback):
        assert ledger_sum(lake, "records") == received
        assert ledger_sum(lake, "lost_write") == owed
        assert numbers_in(lake) == numbers


def test_a_restart_after_a_kill_counts_what_was_missed(lake: Lake) -> None:
    """The exporter sends on while nobody listens: its sequence numbers tell how much."""
    contents = datagrams(range(120))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
        with collecting_process(lake, free_address()) as (process, address):
            exporter.sendto(contents[0], address[:2])
            wait_until(lambda: len(numbers_in(lake)) == 30)
            process.kill()
        with running(lake, address) as collector:
            exporter.sendto(contents[3], address[:2])
            wait_until(lambda: len(numbers_in(lake)) == 60)
            assert collector.statistics()["lost"]["sequence"] == 60


def test_another_number_of_receivers_goes_on_where_the_killed_ones_were(lake: Lake) -> None:
    """With what they owe, the templates and the numbers of each exporter."""
    layout = template(256, [Field(1, 4)])
    first = ipfix(layout, flow_set(256, b"\0\0\0\1"))
    later = ipfix(flow_set(256, b"\0\0\0\2"), sequence=4)
    with ExitStack() as stack:
        exporters = [stack.enter_context(bound(source)) for source in SOURCES]
        knowledge = lake.path / "templates"
        with collecting_process(lake, free_address(), "--receivers", "3") as (process, address):
            for exporter in exporters:
                exporter.sendto(first, address[:2])
            wait_until(lambda: len(numbers_in(lake)) == len(SOURCES))
            wait_until(lambda: resumable(knowledge) == len(SOURCES))
            process.kill()
        with running(lake, address, receivers=2) as collector:
            assert collector.statistics()["templates"]["resumed"] == len(SOURCES)
            for exporter in exporters:
                exporter.sendto(later, address[:2])
            wait_until(lambda: len(numbers_in(lake)) == 2 * len(SOURCES))
            # Each sent three more in between.
            assert collector.statistics()["lost"]["sequence"] == 3 * len(SOURCES)


def test_agents_that_the_lake_names_are_polled_meanwhile(lake: Lake, loopback: ListenAddress) -> None:
    with agent() as port:
        path = lake.path / "snmp.toml"
        path.write_text(f'[edge]\naddress = "127.0.0.1"\nport = {port}\ncommunity = "{COMMUNITY}"\n')
        path.chmod(0o600)
        with running(lake, loopback) as collector:
            wait_until(lambda: collector.statistics()["agents"][0]["state"] == "answered")
            send(collector.addresses[0], range(30))
        assert numbers_in(lake) == list(range(30))
    assert list((lake.path / "counters").glob("*.parquet"))


def test_without_agents_nothing_to_ask_them_with_is_loaded(lake: Lake) -> None:
    program = f"""
import sys, time, pathlib
from tidegauge.app.collector import Collector
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake
Collector(Lake.open(pathlib.Path({str(lake.path)!r})), [], time.time_ns)
assert not [name for name in sys.modules if name.startswith(("gufo", "asyncio", "duckdb"))]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_wrong_file_of_agents_is_told_at_once(lake: Lake) -> None:
    (lake.path / "snmp.toml").write_text("[edge")
    with pytest.raises(LakeUnreadableError, match=r"snmp\.toml"):
        Collector(lake, [], time.time_ns)


def test_elements_are_named_anew_while_it_runs(
    lake: Lake, loopback: ListenAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(element_watch, "LOOK_SECONDS", 0.01)
    message = ipfix(template(256, [Field(1, 2, enterprise=64500)]), flow_set(256, b"\0\7"))
    listed = lake.path / "elements.csv"

    def names(wanted: str) -> bool:
        """Whether the newest of the flows, sent again each time, is named so."""
        collector_address = collector.addresses[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(message, (collector_address.host, collector_address.port))
        return wanted in element_names(lake)

    with running(lake, loopback) as collector:
        wait_until(lambda: names("64500:1"))
        listed.write_text("enterprise,id,name,type\n64500,1,acmeRule,unsigned16\n")
        wait_until(lambda: names("acmeRule"))
        listed.write_text("enterprise,id,name,type\n64500,1,acmeRuleNumber,unsigned16\n")
        wait_until(lambda: names("acmeRuleNumber"))


def test_a_wrong_file_of_elements_starts_nothing(lake: Lake, loopback: ListenAddress) -> None:
    (lake.path / "elements.csv").write_text("enterprise,id,name,type\n64500,1\n")
    collector = Collector(lake, [loopback], time.time_ns)
    with pytest.raises(OSError, match=r"elements\.csv: line 2"):
        collector.start()
    assert collector.addresses == []
