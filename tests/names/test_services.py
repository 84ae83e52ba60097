from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.names.services import (
    HIDDEN,
    WEBMAIL,
    Service,
    ServicesError,
    read_services,
    services_from_text,
    shipped_services,
)


@pytest.mark.parametrize(
    ("site", "service", "category"),
    [
        ("www.youtube.com", "YouTube", "streaming"),
        ("rr3---sn-4g5e6nsz.googlevideo.com", "YouTube", "streaming"),
        ("music.youtube.com", "YouTube Music", "streaming"),
        ("www.google.com", "Google", "search"),
        ("mail.google.com", "Gmail", WEBMAIL),
        ("imap.gmail.com", "Gmail (mail program)", "mail"),
        ("drive.google.com", "Google Drive", "files"),
        ("www.dropbox.com", "Dropbox", "files"),
        ("teams.microsoft.com", "Microsoft Teams", "meetings"),
        ("fe3.delivery.mp.microsoft.com", "Windows Update", "updates"),
        ("stats.g.doubleclick.net", "Google Ads", "ads"),
        ("files.pythonhosted.org", "PyPI", "development"),
        ("cloudflare-ech.com", "Encrypted hello", HIDDEN),
        ("dns.google", "DNS over HTTPS", HIDDEN),
    ],
)
def test_what_comes_with_tidegauge(site: str, service: str, category: str) -> None:
    assert shipped_services().of(site) == Service(service, category)


@pytest.mark.parametrize(
    "site", ["notyoutube.com", "com", "", "youtube.com.evil.example", "intranet.office.example"]
)
def test_a_site_belongs_to_nobody_by_looking_similar(site: str) -> None:
    assert shipped_services().of(site) is None


def test_only_names_that_hide_others_are_hidden() -> None:
    hidden = [
        name
        for name in ("dns.google", "www.google.com", "nowhere.example")
        if shipped_services().is_hidden(name)
    ]
    assert hidden == ["dns.google"]


def test_a_users_table_adds_and_overrules(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text('[Intranet]\ncategory = "business"\nsites = ["office.example", "music.youtube.com"]\n')
    services = read_services(path)
    assert services.of("wiki.office.example") == Service("Intranet", "business")
    assert services.of("music.youtube.com") == Service("Intranet", "business")
    assert services.of("www.youtube.com") == Service("YouTube", "streaming")


def test_no_table_is_the_shipped_one(tmp_path: Path) -> None:
    assert read_services(tmp_path / "services.toml").of("youtu.be") == Service("YouTube", "streaming")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[x", "at end of document"),
        ('[A]\ncategory = "b"', "A: Object missing required field `sites`"),
        ('[A]\ncategory = "b"\nsites = []\nnote = 1', "A: Object contains unknown field `note`"),
        (
            '[A]\ncategory = "b"\nsites = ["x.y"]\n[B]\ncategory = "b"\nsites = ["X.y"]',
            "B: 'X.y' belongs to 'A' already",
        ),
        ("A = 1", "A: Expected `object`, got `int`"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, mistake: str, tmp_path: Path) -> None:
    with pytest.raises(ServicesError) as raised:
        services_from_text(text)
    assert mistake in str(raised.value)
    path = tmp_path / "services.toml"
    path.write_text(text)
    with pytest.raises(ServicesError, match=r"services\.toml"):
        read_services(path)
