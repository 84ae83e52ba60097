"""The type of options that name a file with a certificate or a key."""

from __future__ import annotations

from pathlib import Path

import click

PEM_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
