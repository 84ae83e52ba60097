"""Contacts: the flows of a stretch of time, brought down to who asked whom for what.

A flow says who sent it, not who asked. A contact says client, server and the server's port, with both
directions side by side, summed over ``SLOT`` nanoseconds. It is the one relation that detectors start
from, so that ten of them do not read the lake ten times.

Which end is the client is told by the first of these that says anything. TCP flags: a SYN alone is a
client's, a SYN or RST with an ACK and nothing more is a reply. A port below 1024, then one of
``SERVICE_PORTS``. Then a flow of few packets is a question, and of others the end at home asks, or the
one with the higher port where both ends are. A ping is a question and any other ICMP message an answer;
protocols without ports are asked from home.
"""

from __future__ import annotations

from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.sampling import FACTOR

SECOND = 1_000_000_000
SLOT = 150 * SECOND
"""Half of the five minutes that detectors look at: two neighbours hold what a border would cut."""

HOUR = 3600 * SECOND
SLOTS_PER_HOUR = HOUR // SLOT
SMALL_FLOW_PACKETS = 4

SERVICE_PORTS = (
    1194, 1433, 1521, 1723, 1883, 3128, 3268, 3306, 3389, 4500, 5060, 5222, 5432, 5671, 5672, 5900, 5985,
    6379, 6443, 6881, 8080, 8443, 8801, 8883, 9090, 9100, 9200, 11211, 25565, 27017, 51820,
)  # fmt: skip
"""Ports above 1023 at which servers listen and from which clients seldom call."""

IS_KNOCK = f"""\
(protocol IN (6, 17) AND packets <= {SMALL_FLOW_PACKETS}
  AND CASE WHEN protocol = 6 AND tcp_flags > 0
           THEN tcp_flags & 16 = 0 AND (tcp_flags & 2 != 0 OR tcp_flags & 4 = 0)
           ELSE NOT (src_port < 1024 AND dst_port >= 1024) END)"""
"""Whether a flow is a small one by the side that spoke first, which carries no answer."""

IS_PING = f"(protocol IN (1, 58) AND packets <= {SMALL_FLOW_PACKETS} AND {{}} IN (8, 128))"
"""Whether a flow is a few pings; to be filled in is the ICMP type."""

SYN_ALONE = "coalesce(tcp_flags, 0) & 18 = 2"
"""Whether a TCP flow has a SYN and never an ACK: it opened nothing."""

BEGAN = "epoch_ns(coalesce(start, received))"
ENDED = f'least(greatest(epoch_ns(coalesce("end", start, received)), began), began + {MAX_FLOW_AGE})'
"""When a flow of ``begun`` ended; a broken clock must not stretch what it is part of over centuries."""

BYTES = f"CAST({{}} AS DOUBLE) * {FACTOR}"
"""A counter of a flow as a double with sampling multiplied out, coalesced by whoever fills it in."""

# Compared one by one: a longer list is joined with all flows, though most are decided before it is looked at.
_IS_PORTED = " OR ".join(f"protocol = {protocol}" for protocol in (6, 17, 33, 132, 136))
_IS_SERVICE = f"list_contains([{', '.join(map(str, SERVICE_PORTS))}], {{}})"
# Doubles, because a hostile record may claim 2^64 bytes and must not fail the question; exact up to 9 PB.
_TOLD = f"""
SELECT src_addr, dst_addr, coalesce(dst_port, 0) >> 8 AS icmp,
  CASE WHEN {_IS_PORTED} THEN coalesce(src_port, 0) ELSE 0 END AS src_port,
  CASE WHEN {_IS_PORTED} THEN coalesce(dst_port, 0) ELSE 0 END AS dst_port,
  coalesce(protocol, 0) AS protocol, coalesce(tcp_flags, 0) AS tcp_flags, coalesce(packets, 0) AS packets,
  {BYTES.format("coalesce(bytes, 0)")} AS sent, {BYTES.format("coalesce(reverse_bytes, 0)")} AS answered,
  {BYTES.format("coalesce(packets, 0)")} AS packets_sent,
  {BYTES.format("coalesce(reverse_packets, 0)")} AS packets_answered,
  began, {ENDED} AS ended
FROM begun WHERE src_addr IS NOT NULL AND dst_addr IS NOT NULL"""

_TURNED = f"""
SELECT *, CASE
  WHEN protocol IN (1, 58) THEN icmp IN (8, 128)
  WHEN NOT ({_IS_PORTED}) THEN is_home(src_addr) OR NOT is_home(dst_addr)
  WHEN protocol = 6 AND tcp_flags > 0 AND tcp_flags & 22 IN (0, 2) THEN TRUE
  WHEN protocol = 6 AND tcp_flags IN (18, 20) THEN FALSE
  WHEN src_port < 1024 AND dst_port >= 1024 THEN FALSE
  WHEN dst_port < 1024 AND src_port >= 1024 THEN TRUE
  WHEN {_IS_SERVICE.format("src_port")} AND NOT {_IS_SERVICE.format("dst_port")} THEN FALSE
  WHEN {_IS_SERVICE.format("dst_port")} OR packets <= {SMALL_FLOW_PACKETS} OR src_port = dst_port THEN TRUE
  WHEN is_home(src_addr) = is_home(dst_addr) THEN src_port > dst_port
  ELSE is_home(src_addr) END AS is_asking
FROM told"""

CONTACTS = f"""
CREATE TEMP TABLE contacts AS
WITH told AS ({_TOLD}), turned AS ({_TURNED})
SELECT CASE WHEN is_asking THEN src_addr ELSE dst_addr END AS client,
  CASE WHEN is_asking THEN dst_addr ELSE src_addr END AS server,
  CASE WHEN is_asking THEN dst_port ELSE src_port END AS port,
  protocol, CAST(began // {SLOT} AS INTEGER) AS slot,
  count(*) FILTER (is_asking) AS flows_up, count(*) FILTER (NOT is_asking) AS flows_down,
  sum(CASE WHEN is_asking THEN sent ELSE answered END) AS bytes_up,
  sum(CASE WHEN is_asking THEN answered ELSE sent END) AS bytes_down,
  sum(CASE WHEN is_asking THEN packets_sent ELSE packets_answered END) AS packets_up,
  sum(CASE WHEN is_asking THEN packets_answered ELSE packets_sent END) AS packets_down,
  count(*) FILTER (is_asking AND ({IS_KNOCK} OR {IS_PING.format("icmp")})) AS knocks,
  coalesce(sum(packets) FILTER (is_asking AND protocol = 6 AND {SYN_ALONE}), 0) AS syns,
  min(began) AS first_seen, max(ended) AS last_seen
FROM turned GROUP BY ALL"""

HOURS = f"""
CREATE TEMP TABLE hours AS
WITH ends AS (
  SELECT client AS address, slot // {SLOTS_PER_HOUR} AS hour, bytes_up, bytes_down
  FROM contacts WHERE is_home(client) AND NOT is_home(server)
  UNION ALL
  SELECT server, slot // {SLOTS_PER_HOUR}, bytes_down, bytes_up
  FROM contacts WHERE is_home(server) AND NOT is_home(client)
)
SELECT address, hour, sum(bytes_up) AS bytes_up, sum(bytes_down) AS bytes_down
FROM ends GROUP BY ALL"""
