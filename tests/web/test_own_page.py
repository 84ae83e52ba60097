"""Nobody's page but ours may change anything, with a token or without."""

from __future__ import annotations

import pytest

from tests.web.visitor import Visitor

JSON = {"content-type": "application/json"}
SCOPELESS = b"{}"  # let through, it is refused as a mute; nothing is ever written


def status(visitor: Visitor, headers: dict[str, str], method: str = "POST") -> int:
    target = "/api/v1/mutes" + ("/none" if method == "DELETE" else "")
    return visitor.send(method, target, SCOPELESS if method == "POST" else None, headers).status


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_page_elsewhere_may_not(visitor: Visitor, headers: dict[str, str], method: str) -> None:
    assert status(visitor, JSON | headers, method) == 403


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_cannot_be_mistaken_for_ours(visitor: Visitor, media_type: str) -> None:
    assert status(visitor, {"content-type": media_type}) == 415


def test_a_program_and_our_own_page_may(visitor: Visitor) -> None:
    own = {"origin": f"http://127.0.0.1:{visitor.port}", "sec-fetch-site": "same-origin"}
    for headers in (JSON, JSON | own):
        assert status(visitor, headers) == 400
        assert status(visitor, headers, "DELETE") == 404
