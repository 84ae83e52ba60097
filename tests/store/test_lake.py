from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from tidegauge.store.errors import LakeError, LakeFormatError, LakeMissingError
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest


def test_a_created_lake_opens(tmp_path: Path) -> None:
    Lake.create(tmp_path / "new" / "lake")
    assert Lake.open(tmp_path / "new" / "lake").generation().number == 0


def test_creating_twice_keeps_what_is_there(lake: Lake) -> None:
    lake.commit(lambda newest: newest, now=1)
    assert Lake.create(lake.path).manifest().generation == 1


def test_a_missing_lake_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeMissingError, match=f"no lake at {tmp_path}/none"):
        Lake.open(tmp_path / "none")


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(LakeError, match="holds other files"):
        Lake.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_an_interrupted_creation_is_completed(tmp_path: Path) -> None:
    (tmp_path / "generations").mkdir()
    (tmp_path / "lake.lock").touch()
    (tmp_path / ".lake.json.partial").touch()
    assert Lake.create(tmp_path).generation().number == 0


def test_a_path_that_cannot_hold_a_lake_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LakeError, match="no lake can be made"):
        Lake.create(tmp_path / "file" / "lake")


def test_another_format_is_refused(lake: Lake) -> None:
    (lake.path / "lake.json").write_bytes(b'{"format": 3}')
    with pytest.raises(LakeFormatError, match="has format 3 and this release reads format 4"):
        Lake.open(lake.path)


def test_an_unreadable_identity_is_told(lake: Lake) -> None:
    (lake.path / "lake.json").write_bytes(b"{")
    with pytest.raises(LakeError, match=r"lake\.json cannot be read"):
        Lake.open(lake.path)


def test_a_commit_counts_up_and_is_stamped(lake: Lake) -> None:
    lake.commit(lambda newest: newest, now=7)
    manifest = lake.commit(lambda newest: newest, now=8)
    assert manifest is not None
    assert (manifest.generation, manifest.written) == (2, 8)


def test_a_declined_commit_changes_nothing(lake: Lake) -> None:
    assert lake.commit(lambda _: None, now=7) is None
    assert lake.manifest().generation == 0


def test_a_writer_without_a_tail_is_forgotten(lake: Lake) -> None:
    def change(newest: Manifest) -> Manifest:
        return msgspec.structs.replace(newest, absorbed={"gone": 7})

    manifest = lake.commit(change, now=1)
    assert manifest is not None
    assert manifest.absorbed == {}


def test_a_text_is_rewritten_by_one_at_a_time(lake: Lake) -> None:
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(lake.rewrite, "notes.toml", lambda text: f"{text}#") for _ in range(40)]:
            each.result()
    assert (lake.path / "notes.toml").read_text() == "#" * 40


def test_a_text_that_cannot_be_changed_stays(lake: Lake) -> None:
    lake.rewrite("notes.toml", lambda _: "mine")
    with pytest.raises(ValueError, match="no"):
        lake.rewrite("notes.toml", refuse)
    assert (lake.path / "notes.toml").read_text() == "mine"
    (lake.path / "folder").mkdir()
    with pytest.raises(LakeError, match="folder cannot be written"):
        lake.rewrite("folder", lambda _: "")


def refuse(_: str) -> str:
    raise ValueError("no")
