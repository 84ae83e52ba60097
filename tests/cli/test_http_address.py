from __future__ import annotations

import click
import pytest

from tidegauge.cli.http_address import HttpAddressType


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8480", ("127.0.0.1", 8480)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert HttpAddressType().convert(text, None, None) == address


@pytest.mark.parametrize(
    "text", ["127.0.0.1", ":8480", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "8480"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not ADDR:PORT"):
        HttpAddressType().convert(text, None, None)
