/** Rows of a series question, turned into what a stacked chart draws: one list of numbers per group. */

import type { SeriesRow } from "./answer";
import type { Split } from "./view";

export const OTHER_KEY = "other";

export interface Group {
  key: string;
  /** Bits per second in each bucket. */
  rates: number[];
  bytes: number;
}

export interface Stack {
  /** Where each bucket starts, in milliseconds since 1970; evenly spaced, gaps filled with nothing. */
  times: number[];
  stepMilliseconds: number;
  /** Largest first, what is beyond the limit last as one group. */
  groups: Group[];
  peak: number;
}

/** Stack rows by a field. The buckets span the range asked for, so that silence shows as silence. */
export function stackOf(
  rows: SeriesRow[],
  by: Split,
  step: number,
  since: number,
  until: number,
  limit: number,
): Stack {
  const stepMilliseconds = step * 1000;
  const times = bucketTimes(rows, stepMilliseconds, since, until);
  const indexes = new Map(times.map((time, index) => [time, index]));
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const key = String(row[by] ?? OTHER_KEY);
    const group = groups.get(key) ?? { key, rates: times.map(() => 0), bytes: 0 };
    groups.set(key, group);
    const index = indexes.get(Date.parse(row.time));
    group.bytes += row.bytes;
    if (index !== undefined) group.rates[index] = (group.rates[index] ?? 0) + (row.bytes * 8) / step;
  }
  const ordered = limited([...groups.values()], limit);
  const peak = Math.max(0, ...times.map((_, index) => sum(ordered.map((group) => group.rates[index] ?? 0))));
  return { times, stepMilliseconds, groups: ordered, peak };
}

function bucketTimes(rows: SeriesRow[], step: number, since: number, until: number): number[] {
  const known = rows[0] ? Date.parse(rows[0].time) : since;
  // Buckets are aligned by the server, so count from one it named.
  const first = known - Math.ceil((known - since) / step) * step;
  const length = Math.max(1, Math.ceil((until - first) / step));
  return Array.from({ length }, (_, index) => first + index * step);
}

function limited(groups: Group[], limit: number): Group[] {
  const named = groups.filter((group) => group.key !== OTHER_KEY).toSorted((a, b) => b.bytes - a.bytes);
  const rest = [...named.slice(limit), ...groups.filter((group) => group.key === OTHER_KEY)];
  if (rest.length === 0) return named;
  return [...named.slice(0, limit), rest.reduce(joined, { key: OTHER_KEY, rates: [], bytes: 0 })];
}

function joined(left: Group, right: Group): Group {
  const rates = right.rates.map((rate, index) => rate + (left.rates[index] ?? 0));
  return { key: OTHER_KEY, rates, bytes: left.bytes + right.bytes };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
