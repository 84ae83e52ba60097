"""``tidegauge counters``: what the interfaces of exporters count themselves."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from tidegauge.app.agents_file import FILE_NAME, agents_of
from tidegauge.app.polling import poll_all
from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_rows
from tidegauge.clock.duration_text import text_from_duration
from tidegauge.exporters.agent import Agent, Community
from tidegauge.flow.addresses import text_from_address
from tidegauge.receiving.snmp import Polled
from tidegauge.store.interface_samples import append
from tidegauge.store.lake import Lake

_AGENT = {"agent": "text", "address": "text", "port": "uint16", "exporter": "text"}
_CHECKED = {**_AGENT, "version": "text", "every": "text"}
_POLLED = {**_AGENT, "state": "text", "interfaces": "uint64", "sentence": "text"}


class SilentError(click.ClickException):
    """No agent answered."""

    exit_code = 4


@click.group("counters")
def command() -> None:
    """Ask exporters by SNMP what their interfaces have counted, to hold flows against it.

    Whom to ask is read from snmp.toml in the folder of the lake. tidegauge collect asks all the time.
    """


@command.command("check")
@lake_option
@output_options
def check(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """Read snmp.toml and print whom it names, without asking anybody; exit 4 if it has a mistake."""
    rows = [
        _described(agent)
        | {
            "version": "2c" if isinstance(agent.access, Community) else "3",
            "every": text_from_duration(agent.every),
        }
        for agent in _agents(Lake.open(lake))
    ]
    write_rows(rows, _CHECKED, format_name, envelope=envelope)


@command.command("poll")
@lake_option
@output_options
def poll(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """Ask every agent once, store what it counted, and print how it answered.

    Exit 4 if none did. Counters are running totals: only two readings tell what passed between them.

    \b
    tidegauge counters poll
    """
    opened = Lake.open(lake)
    found = asyncio.run(poll_all(_agents(opened), time.time_ns))
    append(opened, [sample for polled in found for sample in polled.samples], time.time_ns())
    write_rows([_row(polled) for polled in found], _POLLED, format_name, envelope=envelope)
    if not any(polled.samples for polled in found):
        raise SilentError("no agent answered")


def _agents(lake: Lake) -> list[Agent]:
    agents = agents_of(lake)
    if not agents:
        raise click.UsageError(f"{lake.path / FILE_NAME} names no agent to ask")
    return agents


def _described(agent: Agent) -> dict[str, str | int | None]:
    exporter = text_from_address(agent.exporter)
    return {"agent": agent.name, "address": agent.address, "port": agent.port, "exporter": exporter}


def _row(polled: Polled) -> dict[str, str | int | None]:
    return _described(polled.agent) | {
        "state": polled.state,
        "interfaces": len(polled.samples),
        "sentence": polled.sentence or None,
    }
