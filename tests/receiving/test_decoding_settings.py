from __future__ import annotations

import pytest

from tidegauge._core import Decoder
from tidegauge.receiving.decoding_settings import DAY, DecodingSettings


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_decoder_knows_every_word(transport: str) -> None:
    words = DecodingSettings().words(transport)
    assert len(words) == len(DecodingSettings._fields)
    assert Decoder(settings=words).exporters() == []


def test_templates_of_connections_have_no_lifetime() -> None:
    settings = DecodingSettings()
    assert settings.words("udp")["template_lifetime"] == DAY
    assert settings.words("tls")["template_lifetime"] == 0


def test_words_become_numbers() -> None:
    settings = DecodingSettings(template_scope="port", udp_withdrawals="ignore", parked_memory=2)
    words = settings.words("udp")
    assert (words["borrows_templates"], words["heeds_withdrawals"], words["parked_bytes"]) == (0, 0, 2 << 20)
