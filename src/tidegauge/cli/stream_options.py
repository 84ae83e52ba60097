"""How a collector is told to take connections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from tidegauge.cli.option_group import option_group
from tidegauge.cli.pem_file import PEM_FILE
from tidegauge.receiving.stream_settings import (
    DEFAULT_CONNECTIONS,
    IDLE_SECONDS,
    MAXIMUM_CONNECTIONS,
    StreamSettings,
)

if TYPE_CHECKING:
    from tidegauge.receiving.listen_address import ListenAddress


class StreamWords(TypedDict):
    """What ``stream_options`` hands to a command."""

    maximum_connections: int
    connection_idle: float
    tls_certificate: Path | None
    tls_key: Path | None
    tls_trusted: Path | None


stream_options = option_group(
    click.option(
        "--maximum-connections",
        type=click.IntRange(1, MAXIMUM_CONNECTIONS),
        default=DEFAULT_CONNECTIONS,
        show_default=True,
        metavar="N",
        help="Connections taken at a time, at each tcp:// and tls:// address.",
    ),
    click.option(
        "--connection-idle",
        type=click.FloatRange(min=0, min_open=True),
        default=IDLE_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="Silence after which a connection is closed.",
    ),
    click.option(
        "--tls-certificate",
        type=PEM_FILE,
        metavar="FILE",
        help="For tls://: the certificate chain (PEM) to show exporters.",
    ),
    click.option("--tls-key", type=PEM_FILE, metavar="FILE", help="The certificate's key (PEM)."),
    click.option(
        "--tls-trusted",
        type=PEM_FILE,
        metavar="FILE",
        help="Admit only exporters with a certificate that one of these (PEM) signed.",
    ),
)
"""What a listener for connections takes beside its address."""


def stream_settings(addresses: Sequence[ListenAddress], words: StreamWords) -> StreamSettings:
    """Return what the words mean; a usage error where an address cannot be listened at so."""
    settings = StreamSettings(
        maximum_connections=words["maximum_connections"],
        idle_seconds=words["connection_idle"],
        tls_certificate=words["tls_certificate"],
        tls_key=words["tls_key"],
        tls_trusted=words["tls_trusted"],
    )
    try:
        settings.check(addresses)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return settings
