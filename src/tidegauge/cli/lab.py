"""``tidegauge lab``: real networks to try things in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.lab.wired.namespaces import OfficeRunsError
from tidegauge.lab.wired.network import EDGE1, LAN, PEOPLE
from tidegauge.lab.wired.office import WiredOffice, missing, truth_text, wired_office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.lab.wired.office import Person


class NoOfficeError(click.ClickException):
    """The office cannot be opened here."""

    exit_code = 4


@click.group("lab")
def command() -> None:
    """Real networks to try things in."""


@command.command("office")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=30.0,
    show_default=True,
    help="How long people work, each time.",
)
@click.option(
    "--rounds", type=click.IntRange(1), help="How often, one time after another; else until Ctrl-C."
)
@click.option(
    "--truth",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep here as JSON what everybody did in the last round, and the bytes and packets that it took.",
)
@click.option(
    "--query-log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep here the resolver's log of who asked for which site.",
)
def office(seconds: float, rounds: int | None, path: Path | None, query_log: Path | None) -> None:
    """Open an office with a real network, in network namespaces of this machine; needs root.

    John streams, Sarah mails, Alex downloads, Mia browses, through a router that hides them behind one
    address, edge1. What goes to the mail and file servers also passes a second one, edge2. Nothing leaves
    this machine, and nothing is left at the end. Programs can be put into its places:

    \\b
    tidegauge lab office --rounds 1 --truth truth.json
    ip netns exec tidegauge-office-edge1 tidegauge probe --interface lan --nat ...
    """
    if absent := missing():
        raise NoOfficeError(
            f"the office needs {', '.join(absent)}; on Debian: apt install iproute2 nftables dnsmasq-base"
        )
    if os.geteuid() != 0:
        raise NoOfficeError("only root can make network namespaces: run this with sudo")
    with tempfile.TemporaryDirectory() as folder, StopSignals() as signals:
        try:
            with wired_office(query_log or Path(folder) / "queries.log") as opened:
                _introduce(opened)
                done = 0
                while rounds is None or done < rounds:
                    people = opened.work(seconds, signals.arrived_within)
                    if people is None:
                        break
                    done += 1
                    _tell(people, path)
        except OfficeRunsError as error:
            raise NoOfficeError(str(error)) from None
        except RuntimeError as error:
            raise NoOfficeError(f"the office closed: {error}") from None


def _tell(people: Sequence[Person], path: Path | None) -> None:
    if path:
        path.write_text(truth_text(people))
    for name, _, carried, acts in people:
        click.echo(
            f"{name}: {len(acts)} acts, {carried.bytes_up} bytes up, {carried.bytes_down} down", err=True
        )


def _introduce(opened: WiredOffice) -> None:
    edge1 = opened.places[EDGE1].namespace
    click.echo(
        f"open: {', '.join(seat.name for seat in PEOPLE)} behind {edge1}, whose interface {LAN} sees all",
        err=True,
    )
