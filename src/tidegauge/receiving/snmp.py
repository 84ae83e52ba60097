"""Asking SNMP agents for what their interfaces have counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    SnmpAuthError,
)
from gufo.snmp import User as SnmpUser
from gufo.snmp.aio import SnmpSession

from tidegauge.clock.duration_text import text_from_duration
from tidegauge.exporters.agent import SECOND, Agent, Community, User
from tidegauge.exporters.if_mib import INDEXES, Told, question, sample

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tidegauge.flow.interface_sample import InterfaceSample

ATTEMPTS = 2
MAXIMUM_INTERFACES = 4096
"""Of a broken or hostile agent no more are listened to."""

_AUTH = {
    "md5": Md5Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
_PRIVACY = {"des": DesKey, "aes128": Aes128Key, "aes192": Aes192Key, "aes256": Aes256Key}

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of asking one agent. ``state`` is ``answered``, ``silent``, ``refused`` or ``unreadable``.

    ``sentence`` says what is wrong and where to look; it is empty where nothing is.
    """

    agent: Agent
    state: str
    samples: tuple[InterfaceSample, ...] = ()
    sentence: str = ""


async def poll(agent: Agent, clock: Callable[[], int]) -> Polled:
    """Ask for all interfaces, one after the other, within one polling interval; raises nothing.

    Each sample bears the time its answer came. What was answered before an agent fell silent is kept.
    """
    samples: list[InterfaceSample] = []
    try:
        async with asyncio.timeout(agent.every / SECOND):
            await _ask(agent, clock, samples)
    except TimeoutError:
        return Polled(agent, "silent", tuple(samples), _silence(agent))
    except SnmpAuthError as error:
        told = f"{agent.address} refuses user, password or protocol of SNMPv3 ({error})"
        return Polled(agent, "refused", tuple(samples), told)
    except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
        raise
    # Where an agent answers nonsense the library panics, and a panic is no Exception.
    except BaseException as error:  # noqa: BLE001
        told = f"{agent.address} port {agent.port} answers what cannot be read: {error}"
        return Polled(agent, "unreadable", tuple(samples), told)
    if not samples:
        return Polled(agent, "unreadable", (), f"{agent.address} shows no interface to whom we ask as")
    return Polled(agent, "answered", tuple(samples))


async def _ask(agent: Agent, clock: Callable[[], int], samples: list[InterfaceSample]) -> None:
    session = _session(agent)
    await _again(session.refresh)
    for interface in await _again(lambda: _indexes(session)):
        objects = question(interface)
        answer: dict[str, Told] = await _again(lambda objects=objects: session.get_many(objects))  # type: ignore[misc]
        if (found := sample(agent, interface, answer, clock())) is not None:
            samples.append(found)


async def _again(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask once more where nothing came: datagrams get lost."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await ask()
        except TimeoutError:
            continue
    return await ask()


async def _indexes(session: SnmpSession) -> list[int]:
    found: list[int] = []
    async for oid, _ in session.fetch(INDEXES):
        found.append(int(oid.rpartition(".")[2]))
        if len(found) == MAXIMUM_INTERFACES:
            break
    return [index for index in found if 0 < index < 2**32]


def _session(agent: Agent) -> SnmpSession:
    timeout = agent.timeout / SECOND
    if isinstance(agent.access, Community):
        return SnmpSession(agent.address, agent.port, community=agent.access.word, timeout=timeout)
    return SnmpSession(agent.address, agent.port, user=_user(agent.access), timeout=timeout)


def _user(user: User) -> SnmpUser:
    auth = _AUTH[user.auth](user.auth_password.encode()) if user.auth else None
    privacy = _PRIVACY[user.privacy](user.privacy_password.encode()) if user.privacy else None
    return SnmpUser(user.name, auth_key=auth, priv_key=privacy)


def _silence(agent: Agent) -> str:
    waited = text_from_duration(agent.timeout)
    key = "community" if isinstance(agent.access, Community) else "privacy password"
    return (
        f"{agent.address} port {agent.port} did not answer within {waited}, {ATTEMPTS} times; is SNMP on"
        f" there, may this machine ask, and is the {key} right?"
    )
