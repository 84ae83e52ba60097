from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store import knowledge_file
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    file = KnowledgeFile(lake, "udp://[::]:2055")
    assert file.read() is None
    file.write(b"one")
    file.write(b"two")
    assert KnowledgeFile(lake, "udp://[::]:2055").read() == b"two"
    assert KnowledgeFile(lake, "udp://[::]:2056").read() is None
    assert [path.name for path in file.path.parent.iterdir()] == ["udp-[__]_2055"]


def test_a_file_that_cannot_be_ours_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_file, "MAXIMUM_BYTES", 10)
    file = KnowledgeFile(Lake.create(tmp_path / "lake"), "udp://[::]:2055")
    file.write(bytes(11))
    with pytest.raises(OSError, match="more than 10 bytes"):
        file.read()
