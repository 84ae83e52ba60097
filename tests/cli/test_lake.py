from __future__ import annotations

from tests.cli.running import Terminal


def test_the_group_tells_what_it_can_do(terminal: Terminal) -> None:
    ran = terminal("lake", "--help")
    assert ran.code == 0
    for word in ("status", "compact", "verify", "export"):
        assert f"\n  {word} " in ran.out
