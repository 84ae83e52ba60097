"""Which flow records are those of our own exchanges, as SQL over ``flows`` and ``exchanges``.

An exchange is found by its ends, which no other packet has, as they were before or after address
translation. Reported times play no part in that: the clock may be days off. What counts is when the record
arrived: after the question was sent, by our own clock, and not long after its end. A record that may
be of something else is left out.

Where a router tells only the translated address, that address is learnt first: translation mostly leaves the
port alone, so if half of the questions we sent came from one strange address, each from its own port and
with its own length, that is ours. By chance alone one of them would in thousands.
"""

from __future__ import annotations

WINDOW_SECONDS = 3600
"""How long after an exchange its records are waited for: exporters hold long connections back."""

LEAST_TRANSLATED = 4
"""So many questions have to come from an address before it may be ours."""

_SECOND = 1_000_000_000
WINDOW = WINDOW_SECONDS * _SECOND
_TCP, _UDP, _SYN = 6, 17, 2
_SAMPLE = 2_000
"""So many records of an exporter show the step of its clock."""


def _instant(name: str) -> str:
    return f"CAST(make_timestamp_ns(CAST(${name} AS BIGINT)) AS TIMESTAMPTZ_NS)"


_ENDS = "client_address, client_port, server_address, server_port, protocol"
# An answer before its question: our own clock was set in between.
_ASKED_CTE = f"""
asked AS (
    SELECT *, row_number() OVER (ORDER BY sent, {_ENDS}) AS exchange,
        lag(sent) OVER ends AS sent_before, lead(sent) OVER ends AS sent_after
    FROM (
        SELECT DISTINCT * REPLACE (epoch_ns(sent) AS sent, epoch_ns(received) AS received)
        FROM exchanges WHERE received >= sent)
    WINDOW ends AS (PARTITION BY {_ENDS} ORDER BY sent)
    QUALIFY ($since IS NULL OR received >= CAST($since AS BIGINT))
        AND ($until IS NULL OR sent < CAST($until AS BIGINT))
)"""

# Where ends were used again so soon that a record may be of either exchange, the later one tells nothing.
_IS_ALONE = f"sent_before IS NULL OR sent_before < sent - {WINDOW}"
ASKED = f"""
WITH {_ASKED_CTE}
SELECT exchange, CAST(client_address AS BLOB), CAST(server_address AS BLOB), protocol = {_TCP}, sent
FROM asked WHERE {_IS_ALONE} ORDER BY exchange"""

EXTENT = f"WITH {_ASKED_CTE} SELECT min(sent), max(received) FROM asked"
"""From when to when we asked."""

_IN_WINDOW = f"received BETWEEN {_instant('first')} AND {_instant('last')}"
_TRANSLATED = f"""
learnt AS (
    SELECT exporter, client_address, src_addr AS new_address, count(DISTINCT exchange) AS questions,
        min(sent) AS first_sent, max(sent) AS last_sent
    FROM flows JOIN asked ON dst_addr = server_address AND dst_port = server_port
        AND src_port = client_port AND flows.protocol = asked.protocol AND bytes = request_bytes
    WHERE flows.{_IN_WINDOW} AND packets = 1 AND asked.protocol = {_UDP} AND src_addr <> client_address
        AND epoch_ns(flows.received) >= sent - {_SECOND}
        AND epoch_ns(flows.received) < asked.received + {WINDOW}
    GROUP BY ALL HAVING questions >= {LEAST_TRANSLATED}
), clients AS (
    SELECT *, CAST(NULL AS UUID) AS only_exporter FROM asked
    UNION ALL
    SELECT asked.* REPLACE (learnt.new_address AS client_address), learnt.exporter
    FROM asked JOIN learnt ON learnt.client_address = asked.client_address AND 2 * questions >= (
        SELECT count(*) FROM asked AS each WHERE each.protocol = {_UDP}
            AND each.client_address = learnt.client_address AND each.sent BETWEEN first_sent AND last_sent)
)"""

SIDES = f"""
WITH {_ASKED_CTE}, {_TRANSLATED}
SELECT exchange, is_question, protocol, sent, received, clock_bound, only_exporter,
    sent - {_SECOND} - coalesce(clock_bound, 0) AS since,
    least(received + {WINDOW}, coalesce(sent_after, received + {WINDOW})) AS until,
    CASE WHEN is_question THEN client_address ELSE server_address END AS from_address,
    CASE WHEN is_question THEN client_port ELSE server_port END AS from_port,
    CASE WHEN is_question THEN server_address ELSE client_address END AS to_address,
    CASE WHEN is_question THEN server_port ELSE client_port END AS to_port
FROM clients CROSS JOIN (VALUES (TRUE), (FALSE)) AS ways (is_question)
WHERE {_IS_ALONE}"""
"""The SELECT of what ``PASSINGS`` looks for, the relation ``sides``: the ends of each question and answer.

It has to be a table: of a relation that it knows to be small, the database makes a filter for its scan.
"""

# The ends of a record as its packets had them when they came, and where it tells so, when they went.
_CAME = "from_address = src_addr AND from_port = src_port AND to_address = dst_addr AND to_port = dst_port"
_WENT = """from_address = coalesce(nat_src_addr, src_addr) AND from_port = coalesce(nat_src_port, src_port)
    AND to_address = coalesce(nat_dst_addr, dst_addr) AND to_port = coalesce(nat_dst_port, dst_port)
    AND (nat_src_addr <> src_addr OR nat_src_port <> src_port
        OR nat_dst_addr <> dst_addr OR nat_dst_port <> dst_port)"""
_JOINED = f"""
SELECT sides.*, flows.* EXCLUDE (protocol, received), epoch_ns(flows.received) AS arrival
FROM flows JOIN sides ON flows.protocol = sides.protocol AND {{ends}} WHERE flows.{_IN_WINDOW}"""

CAME, WENT = _JOINED.format(ends=_CAME), _JOINED.format(ends=_WENT)
"""The SELECTs of records that have the ends of a side, together the relation ``joined``."""

HAS_CLOCK = "protocol_version <> 'sflow5'"
"""Whether a record's times were read from a clock of its exporter: samples of sFlow are of their arrival."""

READING = "epoch_ns(start) + coalesce(clock_correction, 0)"
"""When a record began by its exporter's clock, put right or not."""

# A record tells when a packet of ours passed if its first packet must be that one: it opens the connection,
# or is the only one. Two such at one observation point cannot both be, so neither counts. Where the uptimes
# themselves were kept, nobody knew exactly what they count from.
PASSINGS = f"""
WITH found AS (
    SELECT *, {READING} AS reading,
        [each.element FOR each IN other] AS kept,
        protocol = {_TCP} OR packets IN (1, sampling_interval) AS is_first,
        count(*) OVER (PARTITION BY exchange, is_question, exporter, observation_domain, in_interface,
            out_interface, direction) AS candidates
    FROM joined
    WHERE arrival >= since AND arrival < until AND (only_exporter IS NULL OR only_exporter = exporter)
        AND {HAS_CLOCK}
        AND (protocol <> {_TCP} OR tcp_flags & {_SYN} > 0)
)
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, exchange, is_question, protocol = {_TCP},
    sent, received, clock_bound, arrival, reading, sampling_interval,
    coalesce(list_contains(kept, 'flowStartDeltaMicroseconds'), FALSE)
FROM found WHERE candidates = 1 AND is_first AND reading IS NOT NULL AND exporter IS NOT NULL
    AND NOT coalesce(list_contains(kept, 'flowStartSysUpTime'), FALSE)
ORDER BY exporter, observation_domain, exchange, is_question DESC, reading"""

# NetFlow tells a start as so long before a header of whole seconds; how long a flow lived has no such part.
READINGS = f"""
SELECT DISTINCT unnest(CASE WHEN protocol_version LIKE 'netflow%' THEN [0, epoch_ns("end") - epoch_ns(start)]
    ELSE [epoch_ns(start), epoch_ns("end")] END) AS reading
FROM (
    FROM flows WHERE {_IN_WINDOW}
        AND start IS NOT NULL AND "end" IS NOT NULL AND exporter = CAST($exporter AS UUID)
        AND observation_domain IS NOT DISTINCT FROM $domain AND protocol_version = $version
    LIMIT {_SAMPLE}
)"""
