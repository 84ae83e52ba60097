"""Templates are learnt, repeated, changed, taken back and forgotten in the order of the wire."""

from __future__ import annotations

import pytest

from tests.conformance.heard import (
    EXPORTER,
    MINUTE,
    NOW,
    OCTETS,
    SECOND,
    Heard,
    data,
    ipfix,
    netflow9,
    options_template,
    set_of,
    template,
    withdrawal,
    words,
)

FIELDS = (OCTETS, 4)
PADDED = ((OCTETS, 4), (210, 2))
"""The same records with two more bytes each: nobody can take one layout for the other."""
DAY = 1440 * MINUTE


@pytest.mark.proves("C4", "C15", "D18")
def test_a_new_definition_holds_from_its_place_on() -> None:
    heard = Heard()
    wide = set_of(256, bytes([0, 0, 0, 2, 9, 9, 0, 0, 0, 3, 9, 9]))
    assert heard.feed(ipfix(template(256, FIELDS), data(256, 1), template(256, *PADDED), wide)) == [1, 2, 3]
    assert heard.count("changed_templates") == 1
    assert heard.feed(netflow9(template(300, FIELDS, of=0), data(300, 4), template(300, *PADDED, of=0))) == [
        4
    ]


@pytest.mark.proves("D20")
@pytest.mark.parametrize("number", [256, 2])
def test_a_withdrawal_holds_from_its_place_on(number: int) -> None:
    heard = Heard()
    message = ipfix(template(256, FIELDS), data(256, 1), withdrawal(number), data(256, 2))
    assert heard.feed(message) == [1]
    assert (heard.count("withdrawn_templates"), heard.count("parked")) == (1, 1)
    assert heard.feed(ipfix(template(256, FIELDS))) == [2], "what came after it waits for the next definition"


@pytest.mark.proves("D20")
def test_options_templates_are_withdrawn_in_four_bytes_and_apart_from_others() -> None:
    heard = Heard()
    sets = [template(256, FIELDS), options_template(257, (149, 4), (34, 4))]
    heard.feed(ipfix(*sets, options_template(258, (149, 4), (34, 4)), withdrawal(257, of=3)))
    assert heard.count("withdrawn_templates") == 1
    heard.feed(ipfix(withdrawal(3, of=3)))
    assert heard.count("withdrawn_templates") == 2
    assert heard.count("malformed_bad_template") == 0
    assert heard.feed(ipfix(data(256, 5))) == [5], "templates of flows are none of options"


@pytest.mark.proves("D21")
def test_whether_udp_may_withdraw_is_a_setting() -> None:
    heard = Heard(heeds_withdrawals=0)
    assert heard.feed(ipfix(template(256, FIELDS), withdrawal(256), withdrawal(2), data(256, 1))) == [1]
    assert (heard.count("ignored_withdrawals"), heard.count("withdrawn_templates")) == (2, 0)
    outcomes = [each["templates"][0]["outcome"] for each in heard.messages()[0]["sets"][:3]]
    assert outcomes == ["learnt", "ignored", "ignored"]


@pytest.mark.proves("D20")
def test_netflow_9_knows_no_withdrawal() -> None:
    heard = Heard()
    heard.feed(netflow9(template(256, FIELDS, of=0), template(256, of=0), data(256, 1)))
    assert heard.count("withdrawn_templates") == 0


@pytest.mark.proves("D18", "C23")
def test_flow_and_options_templates_share_their_numbers() -> None:
    heard = Heard()
    options = set_of(256, bytes([0, 0, 0, 7, 0, 0, 0, 100]))
    sets = [template(256, FIELDS), data(256, 1), options_template(256, (149, 4), (34, 4)), options]
    assert heard.feed(ipfix(*sets)) == [1]
    assert heard.count("option_records") == 1
    assert heard.feed(ipfix(template(256, FIELDS), data(256, 2))) == [2]
    [exporter] = heard.decoder.exporters()
    assert exporter.templates == 1


@pytest.mark.proves("D22")
@pytest.mark.parametrize(
    "invalid",
    [
        set_of(2, words(256, 400, OCTETS, 4)),
        set_of(3, words(256, 1, 2, OCTETS, 4)),
        set_of(3, words(256, 1, 0, OCTETS, 4)),
        set_of(2, words(256, 3, 82, 0, 82, 0, OCTETS, 4)),
    ],
    ids=["cut off", "more scopes than fields", "no scope", "hardly any bytes"],
)
def test_an_invalid_definition_ends_the_one_before(invalid: bytes) -> None:
    heard = Heard()
    assert heard.feed(ipfix(template(256, FIELDS), invalid, data(256, 1))) == []
    assert heard.count("malformed_bad_template") == 1
    [told] = heard.messages()
    assert told["sets"][1]["templates"][0]["outcome"] == "refused"
    assert told["problems"] == [{"offset": 16 + 12 + 4, "reason": "bad_template"}]


@pytest.mark.proves("D23")
def test_over_a_connection_a_change_without_withdrawal_is_a_conflict() -> None:
    heard = Heard()
    first = ipfix(template(256, FIELDS), data(256, 1))
    assert heard.stream(first + ipfix(template(256, FIELDS), sequence=1)) == [1]
    assert heard.count("template_conflicts") == 0, "to repeat is no contradiction"
    heard.stream(ipfix(template(256, *PADDED), withdrawal(400), sequence=1))
    assert heard.count("template_conflicts") == 2
    heard.stream(ipfix(withdrawal(256), template(256, FIELDS), sequence=1))
    assert heard.count("template_conflicts") == 2, "it was taken back before"


@pytest.mark.proves("D23", "E26")
def test_templates_end_with_their_connection() -> None:
    heard = Heard()
    heard.stream(ipfix(template(256, FIELDS), data(256, 1)))
    heard.decoder.end_stream("192.0.2.1", 4739, NOW)
    assert heard.stream(ipfix(data(256, 2), sequence=1)) == []


@pytest.mark.proves("D24", "D21")
def test_a_template_that_is_not_sent_again_expires_and_data_waits() -> None:
    heard = Heard(template_lifetime=30 * MINUTE)
    heard.feed(ipfix(template(256, FIELDS)))
    assert heard.feed(ipfix(data(256, 1)), at=NOW + 29 * MINUTE) == [1]
    assert heard.feed(ipfix(data(256, 2), sequence=1), at=NOW + 31 * MINUTE) == []
    assert heard.count("expired_templates") == 1
    assert heard.feed(ipfix(template(256, FIELDS), sequence=2), at=NOW + 32 * MINUTE) == [2], (
        "nothing is lost"
    )


@pytest.mark.proves("D21", "D24")
def test_a_template_that_is_sent_again_lives_on() -> None:
    heard = Heard(template_lifetime=30 * MINUTE)
    for minute in range(0, 240, 20):
        heard.feed(ipfix(template(256, FIELDS)), at=NOW + minute * MINUTE)
    assert heard.feed(ipfix(data(256, 1)), at=NOW + 245 * MINUTE) == [1]
    assert heard.count("expired_templates") == 0


@pytest.mark.proves("D24")
def test_a_borrowed_template_expires_with_its_silent_lender() -> None:
    heard = Heard(template_lifetime=30 * MINUTE)
    heard.feed(ipfix(template(256, FIELDS)), port=1)
    assert heard.feed(ipfix(data(256, 1)), port=2, at=NOW + 29 * MINUTE) == [1]
    assert heard.feed(ipfix(data(256, 2)), port=2, at=NOW + 31 * MINUTE) == []
    assert heard.count("expired_templates") == 1


@pytest.mark.proves("D24")
def test_a_file_is_read_with_templates_of_any_age() -> None:
    heard = Heard()
    heard.feed(ipfix(template(256, FIELDS)))
    assert heard.feed(ipfix(data(256, 1)), at=NOW + 400 * DAY) == [1]


@pytest.mark.proves("D25", "H4")
def test_data_may_come_from_another_port_than_its_template() -> None:
    heard = Heard()
    heard.feed(netflow9(template(256, FIELDS, of=0)), port=1)
    assert heard.feed(netflow9(data(256, 1)), port=2) == [1]
    assert heard.count("borrowed_templates") == 1
    assert heard.messages()[1]["sets"][0]["borrowed_from_port"] == 1


@pytest.mark.proves("D25")
def test_ports_can_be_kept_apart() -> None:
    heard = Heard(borrows_templates=0)
    heard.feed(netflow9(template(256, FIELDS, of=0)), port=1)
    assert heard.feed(netflow9(data(256, 1)), port=2) == []
    assert (heard.count("borrowed_templates"), heard.count("parked")) == (0, 1)


@pytest.mark.proves("D26")
def test_an_exporter_behind_the_same_address_keeps_its_own_template() -> None:
    heard = Heard()
    heard.feed(ipfix(template(256, FIELDS)), port=1)
    heard.feed(ipfix(template(256, *PADDED)), port=2)
    assert heard.feed(ipfix(set_of(256, bytes([0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0]))), port=2) == [2, 3]
    assert heard.feed(ipfix(data(256, 1)), port=3) == [], "two could lend it, and they differ"


@pytest.mark.proves("C14", "D27")
def test_domains_and_exporters_have_templates_of_their_own() -> None:
    heard = Heard()
    heard.feed(ipfix(template(256, FIELDS), domain=0))
    assert heard.feed(ipfix(data(256, 1), domain=1)) == []
    assert heard.feed(ipfix(data(256, 2), domain=0), exporter="192.0.2.2") == []
    assert heard.feed(ipfix(data(256, 3), domain=0)) == [3]
    heard.feed(ipfix(template(256, *PADDED), domain=1), port=1)
    assert heard.feed(ipfix(data(256, 4), domain=0), port=2) == [4], "another domain's is not in the way"


@pytest.mark.proves("C16", "A4")
def test_data_waits_for_its_template_and_not_for_ever() -> None:
    heard = Heard(parked_age=30 * MINUTE)
    assert heard.feed(ipfix(data(256, 1))) == []
    assert heard.feed(ipfix(template(256, FIELDS), sequence=1), at=NOW + 29 * MINUTE) == [1]
    heard.feed(ipfix(data(300, 2), sequence=1), at=NOW)
    heard.feed(ipfix(sequence=2), at=NOW + 31 * MINUTE)
    assert (heard.count("unparked"), heard.count("lost_no_template")) == (1, 1)


@pytest.mark.proves("C17")
def test_an_exporter_that_boots_numbers_anew_and_keeps_its_templates() -> None:
    heard = Heard()
    heard.feed(netflow9(template(256, FIELDS, of=0), sequence=500, uptime=900_000))
    heard.feed(netflow9(data(256, 1), sequence=503, uptime=901_000), at=NOW + SECOND)
    assert heard.feed(netflow9(data(256, 2), sequence=0, uptime=1_000), at=NOW + MINUTE) == [2]
    heard.feed(netflow9(data(256, 3), sequence=4, uptime=2_000), at=NOW + MINUTE)
    heard.decoder.drain()
    assert heard.count("lost_sequence") == 2 + 3, "a late datagram would have made up for losses"


@pytest.mark.proves("A8", "I8")
def test_templates_of_one_exporter_are_bounded_and_the_least_used_go() -> None:
    heard = Heard(templates_per_session=32)
    heard.feed(ipfix(*(template(256 + number, FIELDS) for number in range(32))))
    heard.feed(ipfix(data(256, 1)))
    held = {heard.decoder.exporters()[0].templates}
    for number in range(32, 320):
        heard.decoder.feed(ipfix(template(256 + number, FIELDS), data(256, number)), EXPORTER, 4739, NOW)
        held.add(heard.decoder.exporters()[0].templates)
    [exporter] = heard.decoder.exporters()
    assert max(held) == 32
    assert heard.count("evicted_templates") == 320 - exporter.templates
    heard.octets()
    assert heard.feed(ipfix(data(256, 2))) == [2], "the one in use is still there"


@pytest.mark.proves("A8")
def test_one_exporter_cannot_take_all_the_room_to_wait() -> None:
    heard = Heard(parked_bytes=100_000, parked_bytes_per_exporter=10_000)
    for _ in range(100):
        heard.feed(ipfix(set_of(256, bytes(1000))), exporter="203.0.113.1")
    refused = heard.count("malformed_limit")
    assert refused == heard.count("lost_no_template") > 0
    heard.feed(ipfix(data(256, 1)))
    assert heard.feed(ipfix(template(256, FIELDS))) == [1], "another exporter still had room"


@pytest.mark.proves("A8")
def test_passers_by_leave_room_to_those_we_know() -> None:
    heard = Heard(parked_bytes=40_000)
    for _ in range(20):
        heard.feed(ipfix())
    for number in range(100):
        heard.feed(ipfix(set_of(256, bytes(1000))), exporter=f"203.0.113.{number}")
    heard.feed(ipfix(data(256, 1)))
    assert heard.feed(ipfix(template(256, FIELDS))) == [1]


@pytest.mark.proves("A8")
def test_fields_of_a_template_are_bounded() -> None:
    heard = Heard(fields_per_template=10)
    heard.feed(ipfix(template(256, *[FIELDS] * 11), template(257, *[FIELDS] * 10)))
    assert heard.count("malformed_limit") == 1
    [exporter] = heard.decoder.exporters()
    assert exporter.templates == 1


@pytest.mark.proves("A8", "I8")
def test_sessions_are_bounded_and_their_end_is_counted() -> None:
    heard = Heard(sessions=8)
    for number in range(100):
        heard.feed(ipfix(template(256, FIELDS)), exporter=f"203.0.113.{number}")
    assert len(heard.decoder.exporters()) <= 8
    assert heard.count("evicted_sessions") == 100 - len(heard.decoder.exporters())


@pytest.mark.proves("A8", "I8")
def test_a_flood_of_templates_takes_none_from_who_is_heard_all_the_time() -> None:
    heard = Heard(template_bytes=1 << 20)
    busy = [(element, 4) for element in range(1, 60)]
    for _ in range(100):
        heard.feed(ipfix(*(template(256 + number, *busy) for number in range(20))))
    for number in range(200):
        heard.feed(ipfix(template(256, *busy), template(257, *busy)), exporter=f"203.0.113.{number}")
    assert heard.count("evicted_templates") > 0
    honest = next(one for one in heard.decoder.exporters() if one.exporter == "192.0.2.1")
    assert honest.templates == 20, "it holds most, and sent most"


def test_a_setting_that_there_is_not_is_told() -> None:
    with pytest.raises(ValueError, match='no setting "sesions"'):
        Heard(sesions=8)
    with pytest.raises(ValueError, match="sessions cannot be -1"):
        Heard(sessions=-1)
