from __future__ import annotations

import pytest

from tests.web.visitor import Visitor


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("path", ["/api/v1/mutes", "/api/v1/names/pin"])
def test_a_form_cannot_be_mistaken_for_ours(visitor: Visitor, path: str, media_type: str) -> None:
    assert visitor.send("POST", path, b"{}", {"content-type": media_type}).status == 415


def test_what_does_not_fit_is_told(visitor: Visitor) -> None:
    reply = visitor.post("/api/v1/names/pin", b'{"address": 1}')
    assert (reply.status, "a JSON object that is a Pin" in reply.json["detail"]) == (400, True)
