from __future__ import annotations

import pytest

from tidegauge.store.byte_text import bytes_from_text, text_from_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("7 kB", 7_000), ("7KB", 7_000), ("1.5GB", 1_500_000_000), ("2TiB", 2 * 2**40)],
)
def test_sizes(text: str, size: int) -> None:
    assert bytes_from_text(text) == size


@pytest.mark.parametrize("text", ["", "5", "GB", "5 G", "5XB", "-5GB", "5GB 3MB", "5iB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        bytes_from_text(text)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (45_600, "45.6 kB"), (999_900_000, "1,000 MB"), (5 * 10**16, "50,000 TB")]
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert text_from_bytes(size) == text
