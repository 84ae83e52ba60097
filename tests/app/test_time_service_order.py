from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.app import time_service_order
from tidegauge.app.time_service_order import REQUESTS_PER_SECOND, TimeServiceOrder
from tidegauge.ntp.leap_seconds import LeapSecond
from tidegauge.receiving.listen_address import ListenAddress

NOW = 1_795_000_000 * 10**9
SOON = 1_798_761_600 * 10**9  # 2027-01-01


@pytest.fixture(autouse=True)
def _no_list_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time_service_order, "SYSTEM_LIST", tmp_path / "none")


def test_an_order_is_understood() -> None:
    order = TimeServiceOrder(
        listen="udp://192.0.2.1:123", deny=("192.0.2.0/24",), leap_at="2027-01-01T00:00Z"
    )
    plan = order.plan(NOW)
    assert plan.address == ListenAddress("192.0.2.1", 123)
    manners = plan.manners
    assert (manners.requests_per_second, manners.admits("192.0.2.9")) == (
        REQUESTS_PER_SECOND,
        False,
    )
    assert plan.leaps.near(NOW) == LeapSecond(SOON)
    assert plan.certificate is None


@pytest.mark.parametrize(("listen", "limit"), [("udp://127.0.0.1:123", None), ("udp://[::1]:0", None)])
def test_on_loopback_nobody_is_limited_unless_told(listen: str, limit: float | None) -> None:
    assert TimeServiceOrder(listen=listen).plan(NOW).manners.requests_per_second is limit
    assert TimeServiceOrder(listen=listen, rate_limit=2.0).plan(NOW).manners.requests_per_second == 2.0


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (TimeServiceOrder(listen="127.0.0.1"), "listeners are written udp://HOST:PORT"),
        (TimeServiceOrder(listen="udp://[::]:123", allow=("office",)), "office"),
        (TimeServiceOrder(listen="udp://[::]:123", deny=("10.0.0.1/8",)), "host bits"),
        (TimeServiceOrder(listen="udp://[::]:123", nts_key=Path("key")), "NTS needs both"),
        (TimeServiceOrder(listen="udp://[::]:123", leap_smear=True), "give leap_list"),
        (TimeServiceOrder(listen="udp://[::]:123", leap_at="soon"), "leap_at: "),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(order: TimeServiceOrder, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        order.plan(NOW)


def test_an_expired_list_is_told_to_who_smears(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "leap-seconds.list"
    path.write_text("#@ 3900000000\n2272060800 10\n2287785600 11\n")
    order = TimeServiceOrder(listen="udp://[::]:123", leap_list=path)
    assert order.plan(NOW).leaps.near(NOW) is None
    assert caplog.messages == []
    TimeServiceOrder(listen="udp://[::]:123", leap_list=path, leap_smear=True).plan(NOW)
    assert caplog.messages == ["the list of leap seconds has expired: one since then is not known"]
