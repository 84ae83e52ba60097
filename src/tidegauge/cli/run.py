"""``tidegauge run``: everything a configuration enables, until told to stop."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tidegauge.app.configuration import configuration_from_file
from tidegauge.app.services import services
from tidegauge.app.stop_signals import StopSignals
from tidegauge.cli.config import config_option
from tidegauge.telemetry import log


@click.command("run")
@config_option
def command(config: Path) -> None:
    """Run everything that a configuration enables, in one process, until SIGTERM or Ctrl-C.

    \b
    lake = "/var/lib/tidegauge"
    [collect]
    listen = ["udp://0.0.0.0:2055"]
    [serve]
    http = "127.0.0.1:8480"
    [time]
    sources = ["nts://a.example", "b.example", "c.example"]
    [time.serve]
    listen = "udp://0.0.0.0:123"

    [exchanges.probe], with targets, asks exporters themselves for their time: see tidegauge exchanges probe.
    A table does what the command of its name does, and its words are those of the options; a table that
    is not there is not run. What [time.serve] tells its clients of this clock is what [time] judges.
    Each place that is listened at is told in a line: udp:// for flows, ntp://, nts-ke:// for the keys of
    NTS, http:// for the page and the API, syslog:// and dnstap:// for names (see tidegauge names follow).
    """
    log.write_to()
    configuration = configuration_from_file(config, time.time_ns())
    with StopSignals() as signals, services(configuration, time.time_ns) as running:
        for place in running.listening:
            click.echo(f"listening {place}", err=True)
        running.await_end(signals.arrived_within)
