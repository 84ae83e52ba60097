/** The roster: one row for each user, machine, address or team, put together from three answers. */

import type { Answer } from "../../answer";
import { bucketOf, bucketTimes } from "../../buckets";
import type { SeriesRow } from "../../rows/series";
import type { TopRow } from "../../rows/top";
import { keyOf } from "../../stack";

export interface Entry {
  key: string;
  up: number;
  down: number;
  bytes: number;
  before: number | null;
  flows: number;
  lastSeen: string | null;
}

export interface Extras {
  service: string | null;
  /** How the name is known. */
  sources: string[];
}

/** The rows of the ranking itself, in the order the server gave them. */
export function entriesOf(answer: Answer<TopRow>, by: string): Entry[] {
  return answer.data.map((row) => ({
    key: keyOf(row, by),
    up: row.bytes_up ?? 0,
    down: row.bytes_down ?? 0,
    bytes: row.bytes,
    before: row.bytes_before === undefined ? null : (row.bytes_before ?? 0),
    flows: row.flows,
    lastSeen: row.last_seen ?? null,
  }));
}

/** For each entry its largest named service, and how its name is known. */
export function extrasOf(answer: Answer<TopRow>, by: string): Map<string, Extras> {
  const extras = new Map<string, Extras>();
  for (const row of answer.data.toSorted((a, b) => b.bytes - a.bytes)) {
    const key = keyOf(row, by);
    const known = extras.get(key) ?? { service: null, sources: [] };
    const source = row.user_source;
    if (typeof source === "string" && !known.sources.includes(source)) known.sources.push(source);
    if (typeof row.service === "string") known.service ??= row.service;
    extras.set(key, known);
  }
  return extras;
}

/** For each entry its bytes in every bucket of the range. */
export function shapesOf(answer: Answer<SeriesRow>, by: string, step: number): Map<string, number[]> {
  const since = Date.parse(answer.since ?? "");
  const times = bucketTimes(answer.data[0]?.time, step * 1000, since, Date.parse(answer.until ?? ""));
  const shapes = new Map<string, number[]>();
  for (const row of answer.data) {
    const key = keyOf(row, by);
    const shape = shapes.get(key) ?? times.map(() => 0);
    shapes.set(key, shape);
    const bucket = bucketOf(Date.parse(row.time), times, step * 1000);
    if (shape[bucket] !== undefined) shape[bucket] += row.bytes;
  }
  return shapes;
}
