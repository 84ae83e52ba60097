"""What one person does in a day: work hours, lunch, meetings, and a phone that never sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.lab import activity
from tidegauge.lab.activity import DAY, HOUR, MEGABYTE, MINUTE, SECOND, Activity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tidegauge.lab.people import Person

WORK_SITES = {
    "management": ("Microsoft365", "Salesforce", "Google", "LinkedIn", "Guardian"),
    "sales": ("Salesforce", "LinkedIn", "Google", "Microsoft365", "BBC"),
    "engineering": ("GitHub", "GitHub", "Google", "PyPI", "Wikipedia"),
    "design": ("Figma", "Figma", "Google", "Dropbox", "Instagram"),
    "support": ("Salesforce", "Google", "Microsoft365", "Wikipedia", "BBC"),
    "finance": ("Microsoft365", "Google", "Guardian", "BBC", "Intranet"),
    "operations": ("Google", "Amazon", "Intranet", "Microsoft365", "BBC"),
}
LUNCH_SITES = ("BBC", "Guardian", "Amazon", "Instagram", "LinkedIn", "Wikipedia")
PHONE_SITES = ("WhatsApp", "WhatsApp", "Instagram", "Apple", "Gmail")

# They see customers from noon on, and take their laptops along.
OUT_FROM_NOON = {"Daniel", "Julia"}

SECONDS_BETWEEN_DEEDS = 150
SECONDS_BETWEEN_RECONNECTS = 900
LONGEST_CONNECTION = 50 * MINUTE
SECONDS_BETWEEN_PHONE_SYNCS = 900


def day(person: Person, midnight: int, random: Random) -> list[Activity]:
    """Draw the day of one person that starts at ``midnight`` (nanoseconds since 1970), unsorted.

    People called out in ``story`` have this day as well.
    """
    arrival = midnight + int(random.gauss(8.5, 0.4) * HOUR)
    departure = midnight + int(random.gauss(17.4, 0.5) * HOUR)
    lunch = midnight + int(random.gauss(12.3, 0.25) * HOUR)
    at_the_desk = [
        activity.exchange(person.name, person.laptop, "Directory", arrival, random),
        *_desk(person, arrival, lunch, random),
        *_break(person, lunch, lunch + 45 * MINUTE, random),
        *_desk(person, lunch + 45 * MINUTE, departure, random),
        *_presence(person, arrival, departure, random),
        *_meetings(person, midnight, random),
    ]
    gone = midnight + 12 * HOUR if person.name in OUT_FROM_NOON else midnight + DAY
    return [it for it in at_the_desk if it.end < gone] + list(_phone(person, midnight, random))


def _moments(since: int, until: int, mean_seconds: float, random: Random) -> Iterator[int]:
    moment = since
    while (moment := moment + int(random.expovariate(1 / mean_seconds) * SECOND)) < until:
        yield moment


def _desk(person: Person, since: int, until: int, random: Random) -> Iterator[Activity]:
    for moment in _moments(since, until, SECONDS_BETWEEN_DEEDS, random):
        deed = random.random()
        if deed < 0.55:  # noqa: PLR2004 (shares of a day)
            yield _visit(person, WORK_SITES[person.department], moment, random)
        elif deed < 0.80:  # noqa: PLR2004
            yield activity.exchange(
                person.name, person.laptop, random.choice(("Slack", "Gmail")), moment, random
            )
        elif deed < 0.97:  # noqa: PLR2004
            yield _file_access(person, moment, random)
        else:
            yield activity.exchange(person.name, person.laptop, "Printer", moment, random)


def _visit(person: Person, sites: tuple[str, ...], moment: int, random: Random) -> Activity:
    return activity.visit(person.name, person.laptop, random.choice(sites), moment, random)


def _file_access(person: Person, moment: int, random: Random) -> Activity:
    size = 10_000 + activity.heavy_tailed(random, 2 * MEGABYTE, 400 * MEGABYTE)
    seconds = 1 + size // (40 * MEGABYTE)
    if random.random() < 0.3:  # noqa: PLR2004 (one in three is a save)
        return activity.transfer(person.name, person.laptop, "FileServer", moment, seconds, up=size)
    return activity.transfer(person.name, person.laptop, "FileServer", moment, seconds, down=size)


def _break(person: Person, since: int, until: int, random: Random) -> Iterator[Activity]:
    for moment in _moments(since, until, 2 * SECONDS_BETWEEN_DEEDS, random):
        yield _visit(person, LUNCH_SITES, moment, random)
    if random.random() < 0.15:  # noqa: PLR2004 (one in seven watches something while eating)
        minutes = random.randint(8, 25)
        size = minutes * random.randint(12, 20) * MEGABYTE
        yield activity.transfer(person.name, person.laptop, "Netflix", since, minutes * 60, down=size)


def _meetings(person: Person, midnight: int, random: Random) -> Iterator[Activity]:
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        start = midnight + 9 * HOUR + random.randint(0, 14) * 30 * MINUTE
        yield activity.meeting(person.name, person.laptop, start, random.choice((30, 30, 45, 60)), random)


def _presence(person: Person, arrival: int, departure: int, random: Random) -> Iterator[Activity]:
    """Keep the chat open all day: a connection that says little and is made anew now and then."""
    since = arrival
    for moment in _moments(arrival, departure, SECONDS_BETWEEN_RECONNECTS, random):
        until = min(moment, since + LONGEST_CONNECTION)
        size = 4_000 + (until - since) // SECOND * random.randint(20, 60)
        yield activity.keep_open(person.name, person.laptop, "Slack", since, until, size)
        since = moment


def _phone(person: Person, midnight: int, random: Random) -> Iterator[Activity]:
    for moment in _moments(midnight, midnight + 24 * HOUR, SECONDS_BETWEEN_PHONE_SYNCS, random):
        yield activity.exchange(person.name, person.phone, random.choice(PHONE_SITES), moment, random)
