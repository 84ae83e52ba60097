from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.lab import activity
from tidegauge.lab.activity import SECOND, Activity
from tidegauge.lab.call import calls, shares, single_call
from tidegauge.lab.people import RESOLVER, person
from tidegauge.lab.sites import SERVICES

JOHN = person("John").laptop
START = 1_000_000 * SECOND


@given(
    up=st.integers(1, 2**40), down=st.integers(0, 2**40), connections=st.integers(1, 8), seed=st.integers()
)
def test_connections_share_exactly_what_the_activity_moves(
    up: int, down: int, connections: int, seed: int
) -> None:
    end = START + 600 * SECOND
    deed = Activity("John", JOHN, SERVICES["YouTube"], START, end, up, down, connections)
    made = list(calls(deed, Random(seed)))
    assert (sum(call.bytes_up for call in made), sum(call.bytes_down for call in made)) == (up, down)
    assert all(START <= call.start <= call.end <= end for call in made)
    assert (made[0].start, made[0].end) == (START, end)


def test_the_first_goes_to_the_host_that_people_type_and_the_others_in_turn() -> None:
    stream = activity.transfer("John", JOHN, "Dropbox", START, 1800, down=500_000_000)
    hosts = [call.host.name for call in calls(stream, Random(1)) if call.host]
    assert hosts == ["www.dropbox.com", "dl.dropboxusercontent.com", "www.dropbox.com"]


def test_what_has_no_name_is_reached_by_its_address() -> None:
    asking = activity.lookup("resolver", RESOLVER, "PublicDNS", START, Random(1))
    call = single_call(asking)
    assert call.host is None
    assert (call.bytes_up, call.bytes_down) == (asking.bytes_up, asking.bytes_down)


def test_shares_follow_their_weights_and_leave_nothing_over() -> None:
    assert shares(10, [1.0, 1.0, 2.0]) == [2, 3, 5]
    assert shares(7, [0.1]) == [7]
