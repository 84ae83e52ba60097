"""``snmp.toml`` in the folder of a lake: the agents to ask, and where their secrets are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tidegauge.app.secret_file import refuse_public, secret_in
from tidegauge.exporters.agent import agents_from_text
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidegauge.exporters.agent import Agent, Secret
    from tidegauge.store.lake import Lake

FILE_NAME = "snmp.toml"


def agents_of(lake: Lake, environment: Mapping[str, str] = os.environ) -> list[Agent]:
    """The agents of a lake, none without the file. Raises LakeUnreadableError for what is wrong with it."""
    path = lake.path / FILE_NAME

    def reveal(secret: Secret) -> str:
        return _reveal(secret, path, environment)

    try:
        return agents_from_text(path.read_text(encoding="utf-8"), reveal)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise LakeUnreadableError(f"{path}: {error}") from None


def _reveal(secret: Secret, path: Path, environment: Mapping[str, str]) -> str:
    """Fetch a secret. Raises ValueError where it is not there, or there for everybody."""
    if isinstance(secret, str):
        refuse_public(path)
        return secret
    if (secret.env is None) == (secret.file is None):
        raise ValueError("a secret that is elsewhere is either in an env or in a file")
    if secret.env is not None:
        if not (found := environment.get(secret.env)):
            raise ValueError(f"the environment has no {secret.env}")
        return found
    return secret_in(path.parent / (secret.file or ""))
