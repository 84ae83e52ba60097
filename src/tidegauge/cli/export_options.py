"""How a probe is told to export."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import click

from tidegauge.cli.option_group import option_group
from tidegauge.cli.pem_file import PEM_FILE
from tidegauge.metering.export_settings import ETHERNET_MTU, LEAST_MTU, MOST_MTU, ExportSettings


class ExportWords(TypedDict):
    """What ``export_options`` hands to a command."""

    mtu: int
    observation_domain: int
    tls_trusted: Path | None
    tls_certificate: Path | None
    tls_key: Path | None


export_options = option_group(
    click.option(
        "--mtu",
        type=click.IntRange(LEAST_MTU, MOST_MTU),
        default=ETHERNET_MTU,
        show_default=True,
        metavar="BYTES",
        help="Longest packet on the way to a collector over UDP.",
    ),
    click.option(
        "--observation-domain",
        type=click.IntRange(0, 2**32 - 1),
        default=0,
        show_default=True,
        metavar="N",
        help="Tells probes behind one address apart; in NetFlow v5 engine type * 256 + engine id.",
    ),
    click.option(
        "--tls-trusted",
        type=PEM_FILE,
        metavar="FILE",
        help="For ipfix+tls://: certificates (PEM) to trust, in place of the system's.",
    ),
    click.option(
        "--tls-certificate",
        type=PEM_FILE,
        metavar="FILE",
        help="The certificate chain (PEM) to show collectors that ask for one.",
    ),
    click.option("--tls-key", type=PEM_FILE, metavar="FILE", help="The certificate's key (PEM)."),
)
"""How long datagrams may be, and how a collector and we know each other."""


def export_settings(words: ExportWords) -> ExportSettings:
    """Return what the words mean; a usage error where they mean nothing."""
    settings = ExportSettings(
        mtu=words["mtu"],
        observation_domain=words["observation_domain"],
        tls_trusted=words["tls_trusted"],
        tls_certificate=words["tls_certificate"],
        tls_key=words["tls_key"],
    )
    try:
        settings.check()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return settings
