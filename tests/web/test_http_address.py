from __future__ import annotations

import pytest

from tidegauge.web.http_address import HttpAddress


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8480", ("127.0.0.1", 8480)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert HttpAddress.parse(text) == address


@pytest.mark.parametrize(
    "text", ["127.0.0.1", ":8480", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "8480"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not ADDR:PORT"):
        HttpAddress.parse(text)
