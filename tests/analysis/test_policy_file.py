"""How a policy is written, and how a mistake in one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.analysis.finding import Severity
from tidegauge.analysis.policy import Action, Place, PolicyError, Ports
from tidegauge.analysis.policy_file import policy_from_text, read_policy
from tidegauge.clock.instant_text import zone_from_name

RULE = '[[rule]]\nname = "Shells"\naction = "deny"\n'


def test_a_whole_rule() -> None:
    (rule,) = policy_from_text(
        RULE + 'from = ["home", "192.0.2.0/24"]\nto = "outside"\nports = [22, "tcp/8000-8100", "udp"]\n'
        'when = "Mon-Fri"\nwhy = "By the gateway."\nseverity = "high"\n'
    ).rules
    assert (rule.name, rule.action, rule.why, rule.severity) == (
        "Shells",
        Action.DENY,
        "By the gateway.",
        Severity.HIGH,
    )
    assert rule.sources[0] is Place.HOME
    assert len(rule.sources) == 2
    assert rule.targets == (Place.OUTSIDE,)
    assert rule.ports == (Ports(None, 22, 22), Ports(6, 8000, 8100), Ports(17))
    assert rule.hours is not None


def test_what_a_rule_leaves_out_limits_nothing() -> None:
    (rule,) = policy_from_text(RULE).rules
    assert (rule.sources, rule.targets, rule.ports, rule.hours) == ((Place.ANY,), (Place.ANY,), (), None)
    assert (rule.why, rule.severity) == ("", Severity.MEDIUM)


def test_an_empty_policy_allows_everything() -> None:
    policy = policy_from_text("")
    assert (policy.rules, policy.default, policy.zone) == ((), Action.ALLOW, zone_from_name("UTC"))


NO_END = (
    "says nothing about one end; write any, home, outside, an address, a network, "
    "or team, machine, user and a name"
)
NO_PORTS = "are no ports; write 22, 8000-8100, tcp/22 or icmp"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("port = 22", "'port' means nothing here; did you mean ports?"),
        ("x = 1", "'x' means nothing here; there are name, action, from, to, ports, when, why, severity"),
        ("from = 7", "from: 7 is no text"),
        ('to = "@x"', "to: column 1: no macros are defined, so @x means nothing\n@x\n^"),
        ('to = "port 80"', f"to: port = … {NO_END}"),
        ('to = "src host 10.0.0.1"', f"to: src_addr = … {NO_END}"),
        ('ports = "ssh"', f"ports: 'ssh' {NO_PORTS}"),
        ("ports = true", f"ports: True {NO_PORTS}"),
        ('ports = "tcp/"', f"ports: 'tcp/' {NO_PORTS}"),
        ('ports = "80-70"', "ports: '80-70' are no ports: they go up to 65535, the lower one first"),
        ("ports = 65536", "ports: 65536 are no ports: they go up to 65535, the lower one first"),
        ('ports = "icmp/8"', "ports: 'icmp/8': icmp has no ports"),
        ('when = "12:01-13:00"', "when: 12:01 is finer than 5 minutes"),
        ('severity = "grave"', "severity: 'grave' is none of low, medium, high"),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_its_place(line: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_text(RULE + line)
    assert str(caught.value) == f"policy.toml:1: rule 1 (Shells): {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('default = "maybe"', "policy.toml: default: 'maybe' is neither allow nor deny"),
        ('time_zone = "Mars/Base"', "policy.toml: time_zone: "),
        ("rules = []", "policy.toml: 'rules' means nothing here; did you mean rule?"),
        ("rule = 1", "policy.toml: rule: each rule begins with a line [[rule]]"),
        ("macros = 1", "policy.toml: macros: macros are a table: a name and a filter on each line"),
        ("a b", "policy.toml: Expected '=' after a key in a key/value pair (at line 1, column 3)"),
        (
            RULE + "\n\n" + RULE.replace("deny", "no"),
            "policy.toml:6: rule 2 (Shells): action: 'no' is neither",
        ),
        ('[[rule]]\naction = "deny"', "policy.toml:1: rule 1: name is missing"),
    ],
)
def test_a_mistake_elsewhere_is_told_too(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_text(text)
    assert str(caught.value).startswith(message)


def test_a_lake_has_one_or_none(tmp_path: Path) -> None:
    assert read_policy(tmp_path) is None
    (tmp_path / "policy.toml").write_text(RULE)
    policy = read_policy(tmp_path)
    assert policy is not None
    assert len(policy.rules) == 1


def test_a_mistake_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("a b")
    with pytest.raises(PolicyError) as caught:
        read_policy(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "policy.toml"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(PolicyError, match=r"policy.toml is no text in UTF-8"):
        read_policy(tmp_path)
