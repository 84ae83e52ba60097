"""Statements over time as SQL: who said what last, so that at each instant one row holds.

The same rules as in ``tidegauge.names.timeline``, for relations of millions of rows.
"""

from __future__ import annotations

from tidegauge.names.timeline import FOREVER


def newest(source: str, keys: tuple[str, ...]) -> str:
    """A SELECT of ``keys``, ``since``, ``until``, ``name`` and ``source`` in which the newest row decides.

    Among rows with equal keys each holds until its own end (null: none) or until the next begins. Of several
    at one instant the one with the latest end counts, then the greatest name. An empty name says that
    nothing is known any more. Equal neighbours are joined.
    """
    by = ", ".join(keys)
    return f"""
        WITH told AS (SELECT * REPLACE (coalesce(until, {FOREVER}) AS until) FROM ({source})),
        cut AS (
          SELECT * REPLACE (least(until, lead(since) OVER following) AS until) FROM told
          WINDOW following AS (PARTITION BY {by} ORDER BY since, until, name, source)),
        marked AS (
          SELECT *, since IS DISTINCT FROM lag(until) OVER before OR name <> lag(name) OVER before
            OR source <> lag(source) OVER before AS is_change
          FROM cut WHERE since < until AND name <> ''
          WINDOW before AS (PARTITION BY {by} ORDER BY since)),
        islands AS (
          SELECT *, count(*) FILTER (is_change)
            OVER (PARTITION BY {by} ORDER BY since ROWS UNBOUNDED PRECEDING) AS island FROM marked)
        SELECT {by}, min(since) AS since, max(until) AS until,
          any_value(name) AS name, any_value(source) AS source
        FROM islands GROUP BY {by}, island"""


def highest(layers: str, key: str) -> str:
    """A SELECT of ``key``, ``since``, ``until``, ``name`` and ``source``: at any time the most believed row.

    ``layers`` is a relation with ``is_pinned`` and ``confidence`` besides, disjoint within each pair of them.
    Time is cut wherever any row begins or ends.
    """
    return f"""
        WITH edges AS (
          SELECT {key}, edge AS since, lead(edge) OVER (PARTITION BY {key} ORDER BY edge) AS until
          FROM (SELECT {key}, since AS edge FROM {layers} UNION SELECT {key}, until FROM {layers}))
        SELECT {key}, edges.since AS since, edges.until AS until,
          arg_max(name, (is_pinned, confidence, {layers}.since, name)) AS name,
          arg_max(source, (is_pinned, confidence, {layers}.since, name)) AS source
        FROM edges JOIN {layers} USING ({key})
        WHERE {layers}.since <= edges.since AND edges.since < {layers}.until AND edges.until IS NOT NULL
        GROUP BY ALL"""
