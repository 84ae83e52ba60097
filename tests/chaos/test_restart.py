"""A collector that starts again reads data at once: exporters need not repeat what they said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, known_templates, ledger
from tests.chaos.export import Export
from tests.conformance.heard import OCTETS, data, ipfix, netflow9, template
from tests.flow_sender import wait_until
from tests.numbered_flows import numbers_in
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake

FIELDS = (OCTETS, 4)
DATAGRAMS = 30


@pytest.mark.proves("D24")
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_data_after_a_restart_is_read_before_templates_come_again(
    tmp_path: Path, version: str, *, is_killed: bool
) -> None:
    lake = tmp_path / "lake"
    message, of = (netflow9, 0) if version == "netflow9" else (ipfix, 2)
    before = [message(template(256, FIELDS, of=of), data(256, 0))]
    before += [message(data(256, number), sequence=number) for number in range(1, DATAGRAMS)]
    after = [message(data(256, number), sequence=number) for number in range(DATAGRAMS, 2 * DATAGRAMS)]
    with Daemon(lake) as first:
        with Export(first.address, before, 1000, source="127.0.0.7") as export:
            export.finish()
        wait_until(lambda: len(numbers_in(Lake.open(lake))) == DATAGRAMS)
        if is_killed:
            wait_until(lambda: known_templates(lake, first.address) == 1)
            first.kill()
        else:
            first.stop()
    assert known_templates(lake, first.address) == 1
    with Daemon(lake, first.address.port) as second:
        # The exporter goes on from another port of the same address, as one that was started again does.
        with Export(second.address, after, 1000, source="127.0.0.7") as export:
            export.finish()
        wait_until(lambda: len(numbers_in(Lake.open(lake))) == 2 * DATAGRAMS)
        statistics = second.stop()
    assert numbers_in(Lake.open(lake)) == list(range(2 * DATAGRAMS))
    assert (statistics["parked"], statistics["lost"]["no_template"]) == (0, 0)
    told = ledger(lake)
    assert (told["resumed_templates"], told["templates"]) == (1, 1)
    assert told["borrowed_templates"] == DATAGRAMS


def test_what_is_left_of_a_file_of_templates_is_no_reason_not_to_start(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with Daemon(lake) as first:
        first.stop()
    file = KnowledgeFile(Lake.open(lake), str(first.address))
    file.write(file.path.read_bytes()[:-3] if file.path.exists() else b"TGKNOW")
    messages = [ipfix(template(256, FIELDS), data(256, 1))]
    with Daemon(lake, first.address.port) as second:
        assert "what was known of templates cannot be used" in second.log
        assert "torn" in second.log
        with Export(second.address, messages, 1000) as export:
            export.finish()
        wait_until(lambda: numbers_in(Lake.open(lake)) == [1])
        second.stop()
