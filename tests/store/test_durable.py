from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store.durable import make_folder, sync_names, whole, write_whole


def test_the_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    with whole(tmp_path / "file") as partial:
        partial.write_bytes(b"half")
        assert not (tmp_path / "file").exists()
        partial.write_bytes(b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"before")
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_folder_up_to_the_top_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("tidegauge.store.durable.sync", synced.append)
    sync_names([tmp_path / "a/b/c.parquet", tmp_path / "a/d.parquet"], tmp_path)
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a/b"]


def write_half(path: Path) -> None:
    with whole(path) as partial:
        partial.write_bytes(b"half")
        raise RuntimeError


def test_a_new_folder_has_a_name_that_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("tidegauge.store.durable.sync", synced.append)
    with pytest.raises(FileNotFoundError):
        make_folder(tmp_path / "a/b")
    make_folder(tmp_path / "a/b", parents=True)
    assert (tmp_path / "a/b").is_dir()
    assert synced == [tmp_path, tmp_path / "a"]
    make_folder(tmp_path / "a/b")
    assert len(synced) == 2
