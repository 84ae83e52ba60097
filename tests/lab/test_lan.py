from __future__ import annotations

from random import Random

from tidegauge.lab import activity
from tidegauge.lab.activity import SECOND
from tidegauge.lab.call import single_call
from tidegauge.lab.conversation import Conversation
from tidegauge.lab.lan import Lan
from tidegauge.lab.people import FILE_SERVER, Device, person

JOHN = person("John").laptop
ELENA = person("Elena").laptop
EMMAS_PHONE = person("Emma").phone
NOON = 1_750_000_000 * SECOND


def browse(lan: Lan, device: Device, site: str, at: int) -> list[Conversation]:
    return list(lan.connect(single_call(activity.exchange("somebody", device, site, at, Random(at)))))


def services(conversations: list[Conversation]) -> list[str]:
    return [conversation.call.activity.service.name for conversation in conversations]


def asked(lan: Lan) -> set[str]:
    entries = lan.journal.entries_until(NOON + 3600 * SECOND)
    return {entry.text.split()[3] for entry in entries if "query" in entry.text}


def test_a_name_is_looked_up_before_the_connection_and_upstream_too() -> None:
    lan = Lan(1)
    conversations = browse(lan, JOHN, "GitHub", NOON)
    assert services(conversations) == ["Resolver", "PublicDNS", "GitHub"]
    assert all(it.call.end < NOON for it in conversations[:2])
    assert conversations[0].client == JOHN.ipv4
    query = next(it for it in lan.journal.entries_until(NOON) if "query[A] github.com" in it.text)
    assert query.moment < NOON


def test_a_name_is_looked_up_again_when_its_time_has_run_out() -> None:
    lan = Lan(1)
    browse(lan, JOHN, "GitHub", NOON)
    assert services(browse(lan, JOHN, "GitHub", NOON + 50 * SECOND)) == ["GitHub"]
    assert services(browse(lan, JOHN, "GitHub", NOON + 61 * SECOND)) == ["Resolver", "PublicDNS", "GitHub"]


def test_the_resolver_asks_once_for_many_clients() -> None:
    lan = Lan(1)
    browse(lan, JOHN, "GitHub", NOON)
    assert services(browse(lan, EMMAS_PHONE, "GitHub", NOON + SECOND)) == ["Resolver", "GitHub"]


def test_servers_reach_the_resolver_without_passing_a_router() -> None:
    assert services(browse(Lan(1), FILE_SERVER, "CloudBackup", NOON)) == ["PublicDNS", "CloudBackup"]


def test_a_secretive_browser_leaves_only_the_name_of_its_resolver() -> None:
    lan = Lan(1)
    assert services(browse(lan, ELENA, "Wikipedia", NOON)) == [
        "Resolver",
        "PublicDNS",
        "SecureDNS",
        "Wikipedia",
    ]
    assert asked(lan) == {"mozilla.cloudflare-dns.com"}


def test_other_programs_keep_asking_the_office() -> None:
    lan = Lan(1)
    browse(lan, ELENA, "Slack", NOON)
    browse(lan, ELENA, "Intranet", NOON + SECOND)
    assert asked(lan) == {"wss-primary.slack.com", "intranet.office.internal"}


def test_both_families_are_used_where_both_exist() -> None:
    lan = Lan(1)
    clients = [browse(lan, JOHN, "Gmail", NOON + second * SECOND)[-1].client for second in range(100)]
    assert set(clients) == {JOHN.ipv4, JOHN.ipv6}
    assert 50 < clients.count(JOHN.ipv6 or b"") < 85


def test_the_server_is_one_of_the_answer() -> None:
    lan = Lan(1)
    for second in range(50):
        *_, conversation = browse(lan, EMMAS_PHONE, "Instagram", NOON + second * SECOND)
        host = conversation.call.host
        assert host
        assert conversation.server in host.ipv4 + host.ipv6
