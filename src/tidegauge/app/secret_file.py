"""Files that hold secrets: nobody but their owner, and perhaps a group, may read them."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def secret_in(file: Path) -> str:
    """The secret in a file of its own. Raises ValueError where it cannot be read, or by everybody."""
    try:
        refuse_public(file)
        # Whoever writes a file with an editor or with echo ends the line.
        return file.read_text(encoding="utf-8").removesuffix("\n")
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None


def refuse_public(path: Path) -> None:
    """Raise ValueError, with what to do, for a file with a secret that everybody may read."""
    if path.stat().st_mode & stat.S_IRWXO:
        raise ValueError(f"{path} holds a secret that everybody may read; run: chmod o= {path}")
