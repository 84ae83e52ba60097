from __future__ import annotations

from random import Random

from tidegauge.lab.activity import DAY, HOUR
from tidegauge.lab.day import day
from tidegauge.lab.people import person

MIDNIGHT = 20_000 * DAY


def test_the_same_seed_gives_the_same_day() -> None:
    anna = person("Anna")
    assert day(anna, MIDNIGHT, Random("a")) == day(anna, MIDNIGHT, Random("a"))
    assert day(anna, MIDNIGHT, Random("a")) != day(anna, MIDNIGHT, Random("b"))


def test_laptops_rest_at_night_and_phones_do_not() -> None:
    anna = person("Anna")
    activities = day(anna, MIDNIGHT, Random(1))
    laptop = [(it.start - MIDNIGHT) / HOUR for it in activities if it.device is anna.laptop]
    phone = [(it.start - MIDNIGHT) / HOUR for it in activities if it.device is anna.phone]
    assert min(laptop) > 6.5
    assert max(laptop) < 19.5
    assert min(phone) < 3
    assert max(phone) > 21


def test_who_leaves_at_noon_takes_the_laptop_along() -> None:
    daniel = person("Daniel")
    activities = day(daniel, MIDNIGHT, Random(1))
    assert max(it.end for it in activities if it.device is daniel.laptop) < MIDNIGHT + 12 * HOUR
    assert max(it.end for it in activities if it.device is daniel.phone) > MIDNIGHT + 20 * HOUR


def test_no_connection_lasts_longer_than_names_are_believed() -> None:
    longest = max(it.end - it.start for it in day(person("Anna"), MIDNIGHT, Random(1)))
    assert longest <= HOUR


def test_the_story_is_not_watered_down() -> None:
    services = {it.service.name for name in ("John", "Alex") for it in day(person(name), MIDNIGHT, Random(1))}
    assert not services & {"YouTube", "Dropbox", "Gmail-SMTP"}
