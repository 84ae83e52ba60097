from __future__ import annotations

import pytest

from tests.names.told import packed
from tidegauge.exporters.agent import SECOND, Agent, Community, Elsewhere, Secret, User, agents_from_text


def reveal(secret: Secret) -> str:
    return secret if isinstance(secret, str) else f"what {secret.env or secret.file} holds"


def read(text: str) -> list[Agent]:
    return agents_from_text(text, reveal)


def test_a_community_and_a_user() -> None:
    text = """
        [edge]
        address = "192.0.2.1"
        community = { env = "EDGE" }
        [core]
        address = "2001:db8::1"
        port = 1161
        exporter = "192.0.2.2"
        user = "watcher"
        auth = "sha256"
        auth_password = "long enough"
        privacy = "aes128"
        privacy_password = { file = "core.key" }
        every = "5m"
        timeout = "500ms"
    """
    edge, core = read(text)
    assert edge == Agent(
        "edge", "192.0.2.1", 161, packed("192.0.2.1"), Community("what EDGE holds"), 60 * SECOND, 2 * SECOND
    )
    access = User("watcher", "sha256", "long enough", "aes128", "what core.key holds")
    assert core == Agent("core", "2001:db8::1", 1161, packed("192.0.2.2"), access, 300 * SECOND, SECOND // 2)


def test_secrets_are_not_shown() -> None:
    [edge] = read('[edge]\naddress = "192.0.2.1"\ncommunity = "hush"')
    [core] = read('[core]\naddress = "192.0.2.1"\nuser = "x"\nauth = "md5"\nauth_password = "hushhush"')
    assert "hush" not in f"{edge} {core!r}"


COMMUNITY, USER = 'community = "c"', 'user = "x"'


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "either a community (SNMPv2c) or a user (SNMPv3)"),
        (f"{COMMUNITY}\n{USER}", "either a community"),
        (f'{COMMUNITY}\ncomunity = "d"', "comunity"),
        (f"{COMMUNITY}\nport = 65536", "port"),
        (f'{COMMUNITY}\nevery = "1s"', "every is 1s; from 10s to 1h make sense"),
        (f'{COMMUNITY}\ntimeout = "1h"', "timeout is 1h"),
        (f'{COMMUNITY}\nexporter = "router-1"', "router-1"),
        (f'{USER}\nauth = "sha3"', "sha3"),
        (f'{USER}\nauth = "sha256"', "auth and auth_password go together"),
        (f'{USER}\nauth_password = "long enough"', "auth and auth_password go together"),
        (f'{USER}\nauth = "sha1"\nauth_password = "short"', "fewer than 8"),
        (f'{USER}\nprivacy = "aes128"\nprivacy_password = "long enough"', "privacy needs auth"),
        ('community = { enw = "X" }', "enw"),
    ],
)
def test_what_is_wrong_is_said_with_the_agent(lines: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="agent 'edge'") as caught:
        read(f'[edge]\naddress = "192.0.2.1"\n{lines}')
    assert sentence in str(caught.value)


def test_a_secret_elsewhere_is_described_by_its_place() -> None:
    text = '[edge]\naddress = "192.0.2.1"\ncommunity = { file = "/run/secrets/c" }'
    [edge] = agents_from_text(text, repr)
    assert edge.access == Community(repr(Elsewhere(file="/run/secrets/c")))
