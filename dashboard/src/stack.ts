/** Rows of a series question, turned into what a stacked chart draws: one list of numbers per group. */

import type { Answer } from "./answer";
import { bucketOf, bucketTimes } from "./buckets";
import { OTHER_KEY, UNKNOWN_KEY } from "./names";
import type { SeriesRow } from "./rows/series";

export interface Group {
  key: string;
  /** Bits per second in each bucket. */
  rates: number[];
  bytes: number;
}

export interface Stack {
  times: number[];
  stepMilliseconds: number;
  /** Largest first, then what nobody knows, and last as one group what is beyond the limit. */
  groups: Group[];
  /** The sum of all groups in the period compared with; empty where none was asked for. */
  before: number[];
}

/** Stack the rows of an answer by a field. */
export function stackOf(answer: Answer<SeriesRow>, by: string, step: number, limit: number): Stack {
  const rows = [...answer.data, ...(answer.other?.rows ?? [])];
  const stepMilliseconds = step * 1000;
  const since = Date.parse(answer.since ?? "");
  const times = bucketTimes(rows[0]?.time, stepMilliseconds, since, Date.parse(answer.until ?? ""));
  const groups = new Map<string, Group>();
  const before = rows.some((row) => row.bytes_before !== undefined) ? times.map(() => 0) : [];
  for (const row of rows) {
    const key = keyOf(row, by);
    const group = groups.get(key) ?? { key, rates: times.map(() => 0), bytes: 0 };
    groups.set(key, group);
    const bucket = bucketOf(Date.parse(row.time), times, stepMilliseconds);
    group.bytes += row.bytes;
    add(group.rates, bucket, (row.bytes * 8) / step);
    add(before, bucket, (Number(row.bytes_before ?? 0) * 8) / step);
  }
  return { times, stepMilliseconds, groups: limited([...groups.values()], limit), before };
}

/** The group of a row: the field is null where the value is not known, and absent in what was left out. */
export function keyOf(row: Partial<Record<string, unknown>>, by: string): string {
  const value = row[by];
  if (value === undefined) return OTHER_KEY;
  return value === null ? UNKNOWN_KEY : String(value);
}

function add(rates: number[], bucket: number, rate: number): void {
  const known = rates[bucket];
  if (known !== undefined) rates[bucket] = known + rate;
}

function limited(groups: Group[], limit: number): Group[] {
  const isNamed = (group: Group): boolean => group.key !== OTHER_KEY && group.key !== UNKNOWN_KEY;
  const named = groups.filter(isNamed).toSorted((a, b) => b.bytes - a.bytes);
  const unknown = groups.filter((group) => group.key === UNKNOWN_KEY);
  const rest = [...named.slice(limit), ...groups.filter((group) => group.key === OTHER_KEY)];
  const other = rest.length > 0 ? [rest.reduce(joined, { key: OTHER_KEY, rates: [], bytes: 0 })] : [];
  return [...named.slice(0, limit), ...unknown, ...other];
}

function joined(left: Group, right: Group): Group {
  const rates = right.rates.map((rate, index) => rate + (left.rates[index] ?? 0));
  return { key: OTHER_KEY, rates, bytes: left.bytes + right.bytes };
}
