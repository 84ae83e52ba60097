"""``tidegauge names``: who and what addresses were, and where that is known from."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Unpack

import click

from tidegauge.analysis.known_names import known_names
from tidegauge.analysis.naming import inventory_of, services_of
from tidegauge.analysis.unnamed import unnamed_addresses
from tidegauge.app.followed_names import FollowedNames, followed_names
from tidegauge.app.name_following import NameFollowing
from tidegauge.app.name_import import NameImport, Read
from tidegauge.app.stop_signals import StopSignals
from tidegauge.cli.asking import ask
from tidegauge.cli.import_files import UnrecognisedError
from tidegauge.cli.options import SharedOptions, lake_option, output_options, question_options, range_options
from tidegauge.cli.output import write_rows
from tidegauge.clock.instant_text import zone_from_name
from tidegauge.clock.timerange import TimeRange, range_from_words
from tidegauge.names.pin import PinError
from tidegauge.names.pin import pin as pinned
from tidegauge.names.reverse import Reverse, ReverseError, dns_question
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake
from tidegauge.telemetry import log

TABLE_COLUMNS = ("address", "person", "machine", "name", "client", "since", "until", "source", "confidence")
_HINTS = {"address": "ADDR", "name": "NAME"}
WATCH_SECONDS = 3600.0
_zone_option = click.option(
    "--time-zone", default="UTC", show_default=True, help="Zone of times without an offset."
)


class ResolverError(click.ClickException):
    """Nobody can be asked."""

    exit_code = 4


@click.group("names")
def command() -> None:
    """Tell who and what addresses were: import it, say it, and show what is known."""


@command.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as-of", metavar="TIME", help="When the files were written, for those that hold no times.")
@_zone_option
@lake_option
@output_options
def import_names(
    files: tuple[Path, ...],
    as_of: str | None,
    time_zone: str,
    lake: Path,
    format_name: str | None,
    *,
    envelope: bool,
) -> None:
    """Read names from FILEs: leases, DNS and RADIUS logs, neighbours, hosts, published ranges, places.

    What a file is, its content tells. Lines that cannot be read are counted by reason. Files of published
    ranges, and files of places, replace those read before: give them together.

    \b
    tidegauge names import /var/lib/misc/dnsmasq.leases /var/log/pihole/pihole.log*
    ip neigh > neighbours; tidegauge names import neighbours
    """
    for path in files:
        path.open("rb").close()  # before a lake is made for files that are not there
    now = time.time_ns()
    written = _range(as_of, None, time_zone, now).since
    found = list(NameImport(Lake.create(lake), zone_from_name(time_zone), now, written).read(files))
    types = {"file": "text", "format": "text", "names": "uint64", "refused": "uint64", "reasons": "text"}
    write_rows([_row(read) for read in found], types, format_name, envelope=envelope)
    strangers = [str(read.path) for read in found if read.format is None]
    if len(strangers) == len(found):
        raise UnrecognisedError(f"no known format of names in {', '.join(strangers)}")


@command.command("follow")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--dnstap", "sockets", metavar="SOCKET", multiple=True, help="Unix socket to make for resolvers."
)
@click.option("--syslog", metavar="udp://HOST:PORT", multiple=True, help="Where to listen for syslog.")
@click.option("--neighbours", is_flag=True, help="Look at this machine's own neighbours (ip neigh).")
@_zone_option
@lake_option
def follow(
    files: tuple[Path, ...],
    sockets: tuple[str, ...],
    syslog: tuple[str, ...],
    time_zone: str,
    lake: Path,
    *,
    neighbours: bool,
) -> None:
    """Learn names as they are written, until SIGTERM or Ctrl-C; FILEs are as in names import.

    A log that is rotated or cut, or is not there yet, and a table that is written anew are followed; after a
    pause reading goes on where it was left. With nothing said, what names/follow.toml of the lake lists is
    followed, as tidegauge collect does by itself.

    \b
    tidegauge names follow /var/log/pihole/pihole.log /etc/pihole/dhcp.leases
    tidegauge names follow --dnstap /run/tidegauge/dnstap.sock
    """
    log.write_to()
    opened = Lake.create(lake)
    paths = tuple(str(path.absolute()) for path in files)
    asked = FollowedNames(
        files=paths, dnstap=sockets, syslog=syslog, neighbours=neighbours, time_zone=time_zone
    )
    try:
        _ = asked.zone, asked.syslog_addresses
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    wanted = asked or followed_names(opened.path / "names")
    if not wanted:
        raise click.UsageError(f"nothing to follow: name files or sockets, or write {lake}/names/follow.toml")
    with StopSignals() as signals:
        following = NameFollowing(opened, wanted, time.time_ns)
        following.start()
        for followed in (*wanted.files, *wanted.dnstap, *following.syslog_addresses):
            click.echo(f"following {followed}", err=True)
        try:
            while not signals.arrived_within(WATCH_SECONDS):
                pass
        finally:
            following.stop()
    click.echo(f"learnt {following.written} names", err=True)


@command.command("show")
@click.argument("about", metavar="[ADDR|NAME]", default="")
@question_options
def show(about: str, **options: Unpack[SharedOptions]) -> None:
    """Show who held addresses and what they were called, from when until when, and who says so.

    \b
    tidegauge names show 192.168.10.11 --since 1d
    tidegauge names show john-laptop
    tidegauge names show youtube.com
    """
    ask(lambda lake, query, now: known_names(lake, query, now, about), options, columns=TABLE_COLUMNS)


@command.command("pin")
@click.argument("address", metavar="ADDR")
@click.argument("name", metavar="NAME")
@click.option("--machine", is_flag=True, help="NAME is a machine's, not a person's.")
@click.option("--since", help="From when on: ISO 8601, 1h (ago), now-1d, today.  [default: always]")
@click.option("--until", help="Until when, excluded.  [default: for good]")
@_zone_option
@lake_option
def pin(
    address: str,
    name: str,
    since: str | None,
    until: str | None,
    time_zone: str,
    lake: Path,
    *,
    machine: bool,
) -> None:
    """Say that ADDR was NAME's, whatever else says. A later pin outranks an earlier one while it lasts."""
    now = time.time_ns()
    try:
        told = pinned(address, name, _range(since, until, time_zone, now), is_machine=machine)
    except PinError as error:
        raise click.BadParameter(str(error), param_hint=_HINTS[error.part]) from None
    append(Lake.create(lake), [told], now)


@command.command("reverse")
@click.option(
    "--resolver",
    "resolvers",
    metavar="ADDR[:PORT]",
    multiple=True,
    help="Whom to ask, private addresses too.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="Addresses to ask about."
)
@click.option(
    "--per-second",
    type=click.FloatRange(0.1, 1000),
    default=20,
    show_default=True,
    help="Questions a second.",
)
@range_options
@lake_option
def reverse(
    resolvers: tuple[str, ...],
    limit: int,
    per_second: float,
    since: str | None,
    until: str | None,
    time_zone: str,
    lake: Path,
) -> None:
    """Ask the DNS what the far ends that nobody has named are called, those with most bytes first.

    Nothing else here ever asks anybody. Whoever answers learns which addresses are of interest; private
    addresses are asked about only at a resolver you name.
    """
    opened = Lake.open(lake)
    query = Query(since=since, until=until, time_zone=time_zone)
    addresses = unnamed_addresses(opened, query, time.time_ns(), limit)
    try:
        ask_dns = dns_question(resolvers)
    except ReverseError as error:
        raise ResolverError(str(error)) from None
    asking = Reverse(ask_dns, time.sleep, may_ask_private=bool(resolvers), per_second=per_second)
    count = append(opened, asking.bindings(addresses, time.time_ns), time.time_ns())
    click.echo(f"found names of {count} of {len(addresses)} addresses", err=True)


@command.group("inventory")
def inventory() -> None:
    """Who works here and with what, as written in names/inventory.toml of the lake."""


@inventory.command("check")
@lake_option
@output_options
def check(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """Read the inventory and the table of services; exit 4 and name the place if one has a mistake."""
    opened = Lake.open(lake)
    services_of(opened)
    found = inventory_of(opened)
    rows = [
        {"machine": name, "owner": machine.owner, "team": found.team_of(machine.owner, name)}
        for name, machine in found.machines.items()
    ]
    owners = {machine.owner for machine in found.machines.values()}
    rows += [
        {"machine": None, "owner": name, "team": person.team}
        for name, person in found.people.items()
        if name not in owners
    ]
    write_rows(rows, {"machine": "text", "owner": "text", "team": "text"}, format_name, envelope=envelope)


def _row(read: Read) -> dict[str, str | int | None]:
    reasons = ", ".join(f"{count} {reason}" for reason, count in read.refused.items())
    return {
        "file": str(read.path),
        "format": read.format,
        "names": read.names,
        "refused": sum(read.refused.values()),
        "reasons": reasons or None,
    }


def _range(since: str | None, until: str | None, time_zone: str, now: int) -> TimeRange:
    try:
        return range_from_words(since, until, time_zone, now)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
