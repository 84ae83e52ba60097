"""Correction: flow times of exporters whose clock was wrong, put right as they are read.

What lies in the lake is what was reported. Beside it there is the relation ``clock_corrections``: how far an
exporter's clock was off, for stretches of arrivals. So an estimate that ripens puts the past right as well.

A record's times are of one of two kinds. Some are counted back from the header's time (NetFlow v5, v9):
then how old the flow is needs no clock that is right, only the moment the header was written, and that is
at most the delay cap before it arrived, whatever the exporter's clock did. Others are read from the
exporter's clock when the packet passed: then it is the clock of that moment that counts, which for a record
that arrives soon after a step is the one before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.clock.epoch import DELAY_CAP
from tidegauge.clock.feasible_set import MAX_SKEW_PPM
from tidegauge.clock.stretch import GRID
from tidegauge.flow.addresses import uuid_text

if TYPE_CHECKING:
    from collections.abc import Iterable

RELATION = "clock_corrections"
COLUMNS = {
    "whose": "UUID",
    "domain": "UINTEGER",
    "version": "VARCHAR",
    "place": "BIGINT",
    "since": "BIGINT",
    "until": "BIGINT",
    "first": "BIGINT",
    "slope": "DOUBLE",
    "below": "BIGINT",
    "above": "BIGINT",
    "quantum": "BIGINT",
    "delay": "BIGINT",
    "began": "BIGINT",
    "ended": "BIGINT",
    "former": "BIGINT",
    "has_even_ages": "BOOLEAN",
    "is_wrong": "BOOLEAN",
    "was_wrong": "BOOLEAN",
    "has_records": "BOOLEAN",
}
"""A row for each stretch that is corrected, as ``tidegauge.clock.stretch.Stretch``.

``whose`` clock it is, in which observation ``domain`` and protocol ``version``: no name is one of the flows'.
``place`` is the one in the grid, ``slope`` nanoseconds for each. ``has_even_ages`` says that ages are counted
from the same whole second that the header tells, ``is_wrong`` that the clock is corrected in the stretch,
``was_wrong`` that records of the time before it was set are, ``has_records`` that those of its own time are.
"""

RECORD_LAG = 120 * 1_000_000_000
"""Nanoseconds from the end of a flow to its record, at most: it matters where the clock was set between."""

_COARSE = 100_000_000
"""A quantum from which on the arrival says better when a header was written than the header does."""

_ARRIVED = """
SELECT reported.*, epoch_ns(reported.received) AS arrival, epoch_ns(reported.export_time) AS header,
  epoch_ns(coalesce(reported."end", reported.start)) AS told,
  epoch_ns(coalesce(reported.start, reported."end")) AS told_first
FROM reported WHERE reported.exporter IN ({exporters})"""

_CLOCKED = f"""
SELECT arrived.*, clock.below AS below, clock.above AS above, clock.quantum AS quantum,
  clock.delay AS delay, clock.began AS began, clock.ended AS ended, clock.former AS former,
  clock.has_even_ages AS has_even_ages,
  clock.is_wrong AS is_wrong, clock.was_wrong AS was_wrong, clock.has_records AS has_records,
  clock.first + CAST(round(clock.slope * (arrival - clock.since)) AS BIGINT) AS off
FROM arrived LEFT JOIN {RELATION} AS clock ON clock.whose = arrived.exporter
  AND clock.domain = arrived.observation_domain
  AND clock.version = arrived.protocol_version
  AND clock.place = arrived.arrival // {GRID}
  AND clock.since <= arrived.arrival AND clock.until > arrived.arrival"""

# When the header was written: within the cap before it came, and within what the clock allows. Where these
# exclude each other the clock was just set, and the cap alone counts.
_WRITTEN = f"""
SELECT clocked.*,
  CASE WHEN quantum > {_COARSE} THEN arrival - delay ELSE header + quantum // 2 - off END AS guess,
  greatest(arrival - {DELAY_CAP}, header - off - coalesce(above, {DELAY_CAP})) AS earliest,
  least(arrival, header + quantum - off + coalesce(below, {DELAY_CAP})) AS latest
FROM clocked"""

# Which of the two clocks a record was read from that came soon after a step. One that would have ended after
# it came was read from neither. Where the clock was set while a flow lived, its start is not put right: it
# would take another correction than its end, so how far it may be off is said instead.
_READ = f"""
SELECT written.*,
  CASE WHEN earliest <= latest THEN least(greatest(guess, earliest), latest) ELSE arrival - delay END AS sent,
  coalesce(told - former < began AND arrival - (told - former) <= {RECORD_LAG}, FALSE) AS may_be_former,
  told - off - coalesce(above, {DELAY_CAP}) <= arrival AND (told - off >= ended OR former IS NULL)
    AS may_be_latter,
  former IS NOT NULL AND (told_first - off < ended OR told_first > told) AS began_before
FROM written"""

_JUDGED = f"""
SELECT read.*, CASE
    WHEN off IS NULL OR (header IS NOT NULL AND NOT is_wrong) THEN NULL
    WHEN header IS NOT NULL THEN CASE WHEN has_even_ages THEN off ELSE header - sent END
    WHEN may_be_former AND NOT may_be_latter THEN CASE WHEN was_wrong THEN former END
    WHEN is_wrong AND has_records AND may_be_latter THEN off
    WHEN was_wrong AND may_be_latter AND began_before THEN off
  END AS correction,
  CASE WHEN header IS NOT NULL AND NOT has_even_ages THEN
      CASE WHEN earliest <= latest THEN greatest(sent - earliest, latest - sent) ELSE {DELAY_CAP} END
    ELSE greatest(below, above) END AS known,
  CASE WHEN header IS NULL AND (
      may_be_latter AND (may_be_former OR began_before)
    ) THEN coalesce(abs(off - former), 0) ELSE 0 END AS doubt
FROM read"""

_LAYERS = {"arrived": _ARRIVED, "clocked": _CLOCKED, "written": _WRITTEN, "read": _READ, "judged": _JUDGED}
_ADDED = (
    "arrival, header, told, told_first, below, above, quantum, delay, began, ended, former, has_even_ages,"
    " is_wrong, was_wrong, has_records, off, guess, earliest, latest, sent, may_be_former, may_be_latter,"
    " began_before, correction, known, doubt"
)
_SHIFTED = "CAST(make_timestamp_ns(epoch_ns({0}) - coalesce(correction, 0)) AS TIMESTAMPTZ_NS)"

# The estimate is of the arrival; until then from when the packet passed the clock may have gained.
_GAINED = f"CAST(ceil({MAX_SKEW_PPM / 1e6!r} * greatest(arrival - told_first + correction, 0)) AS BIGINT)"

_CORRECTED = f"""
SELECT judged.* EXCLUDE ({_ADDED}) REPLACE (
  {_SHIFTED.format("start")} AS start, {_SHIFTED.format('"end"')} AS "end", correction AS clock_correction,
  CASE WHEN correction IS NOT NULL AND below IS NOT NULL AND above IS NOT NULL THEN known + doubt
    + CASE WHEN header IS NULL THEN {_GAINED} ELSE 0 END END AS clock_bound)
FROM judged"""


def listed(exporters: Iterable[bytes]) -> str:
    """Addresses of 16 bytes as SQL, for behind ``IN``, in order and each once."""
    return ", ".join(f"'{uuid_text(int.from_bytes(each, 'big'))}'::UUID" for each in sorted(set(exporters)))


def corrected(exporters: Iterable[bytes]) -> str:
    """A SELECT of the flows ``reported`` with the times of these exporters put right.

    ``exporters`` are the addresses that ``clock_corrections`` speaks of; flows of others stay as they are.
    """
    wrong = listed(exporters)
    sql = _CORRECTED
    for name, layer in reversed(_LAYERS.items()):
        sql = sql.replace(f"FROM {name}", f"FROM ({layer.format(exporters=wrong)}) AS {name}")
    others = f"reported.exporter NOT IN ({wrong}) OR reported.exporter IS NULL"
    return f"SELECT reported.* FROM reported WHERE {others} UNION ALL {sql}"
