from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidegauge.app.configuration import EXAMPLE, ConfigurationError, configuration_from_file, default_place
from tidegauge.web.http_address import HttpAddress

NOW = 1_795_000_000 * 10**9


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TIDEGAUGE_TOKEN", raising=False)
    return tmp_path / "tidegauge.toml"


def test_the_example_can_be_run(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEGAUGE_LAKE", "/somewhere")
    file.write_text(EXAMPLE)
    found = configuration_from_file(file, NOW)
    assert found.lake == Path("/somewhere")
    assert found.collect is not None
    assert [str(address) for address in found.collect.addresses] == ["udp://0.0.0.0:2055"]
    assert found.serve is not None
    assert (found.serve.address, found.serve.token()) == (HttpAddress("127.0.0.1", 8480), None)
    assert found.time is None


def test_paths_are_taken_from_where_the_file_is(file: Path) -> None:
    file.write_text('lake = "lake"\n[collect]\nlisten = ["udp://[::]:2055"]\nstats_json = "/run/s.json"')
    found = configuration_from_file(file, NOW)
    assert found.lake == file.parent / "lake"
    assert found.collect is not None
    assert found.collect.stats_json == Path("/run/s.json")


def test_what_is_shown_can_be_read_again(file: Path) -> None:
    file.write_text('lake = "lake"\n[time]\nsources = ["nts://a"]\n[time.serve]\nlisten = "udp://[::]:123"')
    shown = json.loads(configuration_from_file(file, NOW).to_json())
    assert shown["lake"] == str(file.parent / "lake")
    assert (shown["collect"], shown["time"]["sources"]) == (None, ["nts://a"])
    assert shown["time"]["serve"]["burst"] == 32


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing is to be run"),
        ("[colect]", "unknown field `colect`"),
        ('[collect]\nlisten = ["udp://[::]:2055"]\nlsten = 1', r"unknown field `lsten` - at `\$.collect`"),
        ("[collect]\nlisten = []", "no address to listen at"),
        ('[collect]\nlisten = ["http://[::]:2055"]', "listeners are written udp://HOST:PORT or tcp://"),
        ('[collect]\nlisten = ["tls://[::]:4740"]', "tls://.* needs a certificate and its key"),
        ('[collect]\nlisten = ["udp://[::]:2055"]\nkeep_raw = "long"', "long"),
        ('[collect]\nlisten = ["udp://[::]:2055"]\nforward = ["udp://[::1]:2055"]', "forward to itself"),
        ('[serve]\nhttp = "8480"', "is not ADDR:PORT"),
        ('[serve]\nhttp = "0.0.0.0:8480"', "give token_file or .TIDEGAUGE_TOKEN"),
        ('[serve]\ntoken_file = "none"', "none: No such file"),
        ('[time]\nsources = ["http://a"]', "servers are asked by ntp:// or nts://"),
        (
            '[time.serve]\nlisten = "udp://[::]:123"\nburst = 0',
            r"`int` >= 1 - at `\$.time.serve.burst`",
        ),
        ('[time.serve]\nlisten = "udp://[::]:123"\nnts_key = "key"', "NTS needs both"),
        ('[time.serve]\nlisten = "udp://[::]:123"\nleap_list = "none"', "none"),
        ('[exchanges.probe]\ntargets = ["192.0.2.1"]', "asked by ntp://HOST or icmp://HOST"),
        ('[exchanges.probe]\ntargets = []\nevery = "5s"', "too often"),
        ("[collect", "tidegauge.toml: "),
    ],
)
def test_what_cannot_be_meant_is_told_with_the_file(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        configuration_from_file(file, NOW)
    assert str(caught.value).startswith(f"{file}: ")


def test_who_has_no_file_is_shown_one(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="write what to run there") as caught:
        configuration_from_file(file, NOW)
    assert EXAMPLE in str(caught.value)


def test_a_token_may_be_in_a_file_or_in_the_environment(file: Path) -> None:
    (file.parent / "token").write_text("sesame\n")
    (file.parent / "token").chmod(0o600)
    file.write_text('[serve]\nhttp = "0.0.0.0:8480"\ntoken_file = "token"')
    table = configuration_from_file(file, NOW).serve
    assert table is not None
    assert table.token() == "sesame"
    file.write_text("[serve]")
    table = configuration_from_file(file, NOW).serve
    assert table is not None
    assert table.token({"TIDEGAUGE_TOKEN": "open"}) == "open"


def test_the_file_is_where_configurations_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_place({"TIDEGAUGE_CONFIG": "/x.toml"}) == Path("/x.toml")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_place({}) == Path("/etc/tidegauge.toml")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert default_place({"XDG_CONFIG_HOME": "/home/ada/.config"}) == Path("/home/ada/.config/tidegauge.toml")


def test_receivers_are_ordered_in_the_same_words(file: Path) -> None:
    file.write_text('[collect]\nlisten = ["udp://[::]:2055"]\nreceivers = 2\n')
    found = configuration_from_file(file, NOW)
    assert found.collect is not None
    assert found.collect.receivers == 2
    file.write_text('[collect]\nlisten = ["udp://[::]:2055"]\nreceivers = 65\n')
    with pytest.raises(ConfigurationError, match=r"<= 64.*collect\.receivers"):
        configuration_from_file(file, NOW)


def test_copies_are_ordered_in_the_same_words(file: Path) -> None:
    file.write_text(
        '[collect]\nlisten = ["udp://[::]:2055"]\nkeep_raw = "2d"\nkeep_raw_bytes = "1GB"\n'
        'forward = ["udp://192.0.2.7:9995"]\nforward_source = "own"\n'
    )
    found = configuration_from_file(file, NOW)
    assert found.collect is not None
    copies = found.collect.copies
    assert (copies.keep, copies.keep_bytes) == (2 * 86_400 * 10**9, 10**9)
    assert (list(map(str, copies.targets)), copies.keeps_source) == (["udp://192.0.2.7:9995"], False)
