from __future__ import annotations

from tidegauge.app.copy_settings import CopySettings
from tidegauge.receiving.forward_target import ForwardTarget
from tidegauge.store.lake import Lake


def test_nothing_is_copied_unless_somebody_wants_it(lake: Lake) -> None:
    assert not CopySettings().is_wanted
    assert CopySettings().copying(lake).order() is None


def test_datagrams_give_way_on_a_full_disk_before_flows_do(lake: Lake) -> None:
    copying = CopySettings(keep=1).copying(lake)
    assert copying.folder == lake.path / "raw"
    assert copying.reserve_bytes > lake.space.reserve_bytes


def test_forwarding_keeps_nothing(lake: Lake) -> None:
    settings = CopySettings(targets=(ForwardTarget("192.0.2.7", 2055),))
    assert settings.is_wanted
    assert settings.copying(lake).folder is None
