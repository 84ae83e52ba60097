from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tidegauge.ntp.cookie_keys import DAY, OLD_KEYS, CookieKeys

NOW = 1_795_000_000_000_000_000
SECRETS = b"c" * 32, b"s" * 32


def test_a_new_key_comes_every_day_and_seven_old_ones_stay() -> None:
    keys = CookieKeys.create(NOW)
    first = keys.keys[0]
    assert keys.rotated(NOW + DAY - 1) is keys
    for day in range(1, 20):
        keys = keys.rotated(NOW + day * DAY)
        assert keys.keys[0].number == (first.number + day) % 2**32
        assert len({key.secret for key in keys.keys}) == len(keys.keys) == min(day, OLD_KEYS) + 1
        assert (first in keys.keys) is (day <= OLD_KEYS)


def test_a_clock_set_back_does_not_keep_a_key_for_ever() -> None:
    keys = CookieKeys.create(NOW)
    assert keys.rotated(NOW - DAY + 1) is keys
    assert len(keys.rotated(NOW - 100 * DAY).keys) == 2


def test_a_cookie_holds_both_keys_under_the_newest_lock() -> None:
    keys = CookieKeys.create(NOW).rotated(NOW + DAY)
    cookie, other = keys.seal(*SECRETS), keys.seal(*SECRETS)
    assert (len(cookie), cookie[:4]) == (100, keys.keys[0].number.to_bytes(4, "big"))
    assert AESSIV(keys.keys[0].secret).decrypt(cookie[20:], [cookie[4:20]]) == b"".join(SECRETS)
    assert cookie[4:] != other[4:]


def test_keys_are_read_as_they_were_written() -> None:
    keys = CookieKeys.create(NOW).rotated(NOW + DAY)
    assert CookieKeys.from_json(keys.to_json()) == keys


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'[{"number": 1, "secret": "AAAA", "made": 1}]', b'[{"number": 1}]']
)
def test_what_holds_no_keys_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        CookieKeys.from_json(content)
