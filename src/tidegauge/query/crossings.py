"""Which records of two exporters are of the same question and the same answer, as SQL over ``flows``.

Anybody's packets will do, as no clock of ours takes part. A record tells when one packet passed if its first
packet must be the same one wherever it was metered: it opens a connection, or is the only one. What is
sampled may begin anywhere, and a key that one observation point told of twice was used again, so neither
counts; nor do records that counted unequal numbers of packets. Reported times play no part: a clock may be
days off.
"""

from __future__ import annotations

from tidegauge.query.passings import HAS_CLOCK, READING

WINDOW_SECONDS = 600
"""How far back from the last record two exporters are compared: in so short a time clocks hardly drift."""

MOST_RECORDS = 200_000
"""Of more records in the window only some ports are looked at."""

MOST_CROSSINGS = 300
"""So many of the latest tell of two clocks all that can be told."""

_TCP, _UDP, _SYN = 6, 17, 2

EXTENT = """
SELECT epoch_ns(max(received)) FROM flows
WHERE ($since IS NULL OR epoch_ns(received) >= $since) AND ($until IS NULL OR epoch_ns(received) < $until)"""
"""When the last record of the range arrived."""

_IN_WINDOW = """received > CAST(make_timestamp_ns(CAST($first AS BIGINT)) AS TIMESTAMPTZ_NS)
    AND received <= CAST(make_timestamp_ns(CAST($last AS BIGINT)) AS TIMESTAMPTZ_NS)"""

COUNT = f"SELECT count(*) FROM flows WHERE {_IN_WINDOW}"

_EXPORTER = "exporter, observation_domain, protocol_version"
_ENDS = "src_addr, dst_addr, src_port, dst_port, protocol"

CROSSINGS = f"""
WITH passed AS (
    SELECT {_EXPORTER}, {_ENDS}, epoch_ns(received) AS arrival, packets,
        {READING} AS reading,
        (in_interface, out_interface, direction) AS point, [each.element FOR each IN other] AS kept
    FROM flows
    WHERE {_IN_WINDOW} AND {HAS_CLOCK} AND start IS NOT NULL AND exporter IS NOT NULL
        AND coalesce(sampling_interval, 1) = 1
        AND (protocol = {_TCP} AND tcp_flags & {_SYN} > 0 OR protocol = {_UDP} AND packets = 1)
        AND (CAST(src_port AS UINTEGER) + dst_port) % $every = 0
), told AS (
    SELECT {_EXPORTER}, {_ENDS}, min(reading) AS least, max(reading) AS most, max(packets) AS packets,
        max(arrival) AS arrival,
        bool_or(coalesce(list_contains(kept, 'flowStartDeltaMicroseconds'), FALSE)) AS is_delta
    FROM passed WHERE NOT coalesce(list_contains(kept, 'flowStartSysUpTime'), FALSE)
    GROUP BY {_EXPORTER}, {_ENDS}
    HAVING count(*) = count(DISTINCT point) AND min(packets) = max(packets)
), crossed AS (
    SELECT one.*, other.least AS other_least, other.most AS other_most, other.packets AS other_packets
    FROM told AS one JOIN told AS other
        ON one.exporter = other.exporter AND one.protocol_version = other.protocol_version
        AND one.observation_domain IS NOT DISTINCT FROM other.observation_domain
        AND one.protocol = other.protocol AND one.src_addr = other.dst_addr AND one.dst_addr = other.src_addr
        AND one.src_port = other.dst_port AND one.dst_port = other.src_port
    WHERE (one.src_addr, one.src_port) < (one.dst_addr, one.dst_port)
)
SELECT CAST(a.exporter AS BLOB), a.observation_domain, a.protocol_version,
    CAST(b.exporter AS BLOB), b.observation_domain, b.protocol_version,
    greatest(a.arrival, b.arrival) AS arrived, a.least, a.most, a.other_least, a.other_most, a.is_delta,
    b.least, b.most, b.other_least, b.other_most, b.is_delta
FROM crossed AS a JOIN crossed AS b
    ON a.src_addr = b.src_addr AND a.dst_addr = b.dst_addr AND a.src_port = b.src_port
    AND a.dst_port = b.dst_port AND a.protocol = b.protocol
    AND a.packets = b.packets AND a.other_packets = b.other_packets
    AND (a.exporter, coalesce(a.observation_domain, 0)) < (b.exporter, coalesce(b.observation_domain, 0))
QUALIFY row_number() OVER (
    PARTITION BY a.exporter, a.observation_domain, a.protocol_version,
        b.exporter, b.observation_domain, b.protocol_version
    ORDER BY greatest(a.arrival, b.arrival) DESC, a.least) <= {MOST_CROSSINGS}
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"""
