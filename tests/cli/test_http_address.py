from __future__ import annotations

import click
import pytest

from tidegauge.cli.http_address import HttpAddressType


def test_an_address_is_read_or_refused_in_words() -> None:
    assert HttpAddressType().convert("127.0.0.1:8480", None, None) == ("127.0.0.1", 8480)
    with pytest.raises(click.BadParameter, match="'8480' is not ADDR:PORT"):
        HttpAddressType().convert("8480", None, None)
