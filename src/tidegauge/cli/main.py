"""The ``tidegauge`` command: finds the command to run and says why one failed.

Only click is imported here. What a command needs is imported with it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

COMMANDS = {
    "run": ("run", "Run everything that a configuration enables."),
    "collect": ("collect", "Receive flow exports and store them."),
    "import": ("import_files", "Store the flow exports of capture files."),
    "decode": ("decode", "Show every element of the records in capture files."),
    "top": ("top", "Rank by a field: who or what has the most."),
    "flows": ("flows", "List flows."),
    "series": ("series", "Count over time."),
    "sessions": ("sessions", "Show who used what, how long and how much."),
    "conversations": ("conversations", "Rank pairs that talked, both directions in one row."),
    "matrix": ("matrix", "Cross two fields: who with whom."),
    "billing": ("billing", "Compute the percentile an interface is billed by."),
    "links": ("links", "Show how full each interface is, its delay and loss."),
    "counters": ("counters", "Ask exporters by SNMP what their interfaces have counted."),
    "profile": ("profile", "Show what is known of one person or address."),
    "timeline": ("timeline", "Tell everything one address did, in order."),
    "names": ("names", "Tell who and what addresses were, from leases, look-ups and by hand."),
    "exporters": ("exporters", "Show what is known of each exporter."),
    "clocks": ("clocks", "Show how far each exporter's clock is off."),
    "exchanges": ("exchanges", "Bound the clocks of routers by our own packets that pass them."),
    "ledger": ("ledger", "Show what was received, stored and lost, by minute."),
    "raw": ("raw", "List datagrams kept as they came, and decode them again."),
    "replay": ("replay", "Send kept or captured datagrams again."),
    "lake": ("lake", "Look after the lake: what it holds, keeps, and whether it is sound."),
    "fields": ("fields", "List the fields of a flow."),
    "filter": ("filter", "Check or explain a filter."),
    "alerts": ("alerts", "Show what looks wrong."),
    "policy": ("policy", "Check the rules of who may reach what."),
    "report": ("report", "Make a report of saved questions, or mail it."),
    "serve": ("serve", "Serve the dashboard and the API of a lake."),
    "config": ("config", "Check and show the configuration of run."),
    "demo": ("demo", "Simulate an office and show it on a page."),
    "probe": ("probe", "Meter packets and export flows."),
    "lab": ("lab", "Open a real network to try things in."),
    "time": ("time", "Ask for, or give, the time (NTP)."),
}

FAILED, USAGE, FILTER, UNREACHABLE, INTERRUPTED = 1, 2, 3, 4, 130


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """All commands, in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Load a command; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tidegauge.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Whoever closes our output early has seen enough; click calls that an error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _hush()
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tidegauge", prog_name="tidegauge")
def group() -> None:
    """Meter, collect and question network flows, and keep every clock involved honest."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code: see ``run``."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    0 for success, 2 for wrong usage, 3 for a filter that cannot be read, 4 for what cannot be reached,
    read or bound, 130 when interrupted. Anything unforeseen keeps its traceback and ends with 1.
    """
    try:
        code = group.main(arguments, prog_name="tidegauge", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _hush()
        return 0
    except Exception as error:
        code = _known_failure(error)
        if code is None:
            raise
    return code if isinstance(code, int) else 0


def _hush() -> None:
    """Let what Python still flushes at exit go to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(error: Exception) -> str:
    """What went wrong, without the number that Python puts before what the system says."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _known_failure(error: Exception) -> int | None:
    """Tell a foreseen error in one sentence and return its exit code; None for any other."""
    from tidegauge.query.error import FilterError, QuestionError  # noqa: PLC0415 (only needed after an error)
    from tidegauge.store.errors import LakeError  # noqa: PLC0415 (the same)

    if isinstance(error, FilterError):
        click.echo(error.picture, err=True)
        click.echo(f"filter: {error}", err=True)
        return FILTER
    if isinstance(error, QuestionError):
        click.echo(f"Error: {error}", err=True)
        return USAGE
    if isinstance(error, LakeError | OSError):
        click.echo(f"Error: {_sentence(error)}", err=True)
        return UNREACHABLE
    return None
