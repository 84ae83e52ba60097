"""How a collector is told what senders may make it remember, and what to make of odd habits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

import click

from tidegauge.cli.option_group import option_group
from tidegauge.clock.duration_text import duration_from_text, text_from_duration
from tidegauge.receiving.decoding_settings import (
    MAXIMUM_EXPORTERS,
    MAXIMUM_FIELDS,
    TEMPLATE_SCOPES,
    UDP_WITHDRAWALS,
    DecodingSettings,
)

Command = TypeVar("Command", bound=Callable[..., Any])

USUAL = DecodingSettings()


class DecodingWords(TypedDict):
    """What ``decoding_options`` hands to a command: the fields of ``DecodingSettings``."""

    maximum_exporters: int
    maximum_templates: int
    maximum_fields: int
    maximum_sources: int
    template_memory: int
    template_lifetime: int
    parked_memory: int
    parked_memory_each: int
    parked_age: int
    template_scope: str
    udp_withdrawals: str
    read_v9_sets: bool


class Duration(click.ParamType[int]):
    """``30m``, ``1d``; in nanoseconds inside."""

    name = "duration"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a duration, or end with a usage error."""
        if isinstance(value, int):
            return value
        try:
            return duration_from_text(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def decoding_settings(words: DecodingWords) -> DecodingSettings:
    """Return what the words mean."""
    return DecodingSettings(**{name: words[name] for name in DecodingSettings._fields})  # type: ignore[literal-required]


def _count(what: str, least: int, most: int | None, help_text: str) -> Callable[[Command], Command]:
    usual = getattr(USUAL, f"maximum_{what}")
    return click.option(
        f"--maximum-{what}",
        type=click.IntRange(least, most),
        default=usual,
        show_default=True,
        metavar="N",
        help=help_text,
    )


def _memory(name: str, purpose: str) -> Callable[[Command], Command]:
    return click.option(
        f"--{name}",
        type=click.IntRange(1),
        default=getattr(USUAL, name.replace("-", "_")),
        show_default=True,
        metavar="MIB",
        help=f"Mebibytes {purpose}",
    )


def _duration(name: str, help_text: str) -> Callable[[Command], Command]:
    usual = text_from_duration(getattr(USUAL, name.replace("-", "_")))
    return click.option(
        f"--{name}",
        type=Duration(),
        default=usual,
        show_default=True,
        metavar="DURATION",
        help=help_text,
    )


decoding_options = option_group(
    _count(
        "exporters",
        1,
        MAXIMUM_EXPORTERS,
        "Exporters remembered at a time, at each address listened at.",
    ),
    _count("templates", 1, None, "Templates of one exporter; those not used for longest go first."),
    _count("fields", 1, MAXIMUM_FIELDS, "Fields of one template."),
    _count(
        "sources",
        1,
        None,
        "Sources of sFlow's samples whose numbers are remembered, at each address; those silent"
        " longest go first.",
    ),
    _memory("template-memory", "for the templates of all exporters, at each address."),
    _duration(
        "template-lifetime",
        "How long a template that came by UDP is good for when it is not sent again; 0s for ever.",
    ),
    _memory("parked-memory", "for data that waits for its template, at each address."),
    _memory("parked-memory-each", "of it for one exporter."),
    _duration("parked-age", "How long data waits for its template."),
    click.option(
        "--template-scope",
        type=click.Choice(TEMPLATE_SCOPES),
        default=USUAL.template_scope,
        show_default=True,
        help="Who may use a template that came by UDP: any port of the exporter's address that has"
        " none of its own, or none but its own port.",
    ),
    click.option(
        "--udp-withdrawals",
        type=click.Choice(UDP_WITHDRAWALS),
        default=USUAL.udp_withdrawals,
        show_default=True,
        help="What to do when a template is taken back over UDP, which RFC 7011 forbids.",
    ),
    click.option(
        "--read-v9-sets",
        is_flag=True,
        help="Take sets 0 and 1 of IPFIX for templates, as in NetFlow v9.",
    ),
)
"""What a decoder takes."""
