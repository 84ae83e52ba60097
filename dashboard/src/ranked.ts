/** Ranked: rows of a `top` answer brought down to one field, largest first. */

import type { Answer, Other } from "./answer";
import { OTHER_KEY, UNKNOWN_KEY } from "./names";
import type { TopRow } from "./rows/top";
import { keyOf } from "./stack";

export interface Ranked {
  key: string;
  bytes: number;
  up: number;
  down: number;
  flows: number;
  /** Bytes in the period compared with; null where none was asked for. */
  before: number | null;
  /** How the name is known, where a column of the answer says so. */
  sources: string[];
}

/**
 * Sum rows by a field, the first `limit` of them and the rest as one. `source` names the column that says
 * how a value is known. What nobody knows comes after what has a name, whatever its size.
 */
export function rankedBy(answer: Answer<TopRow>, field: string, source = "", limit = Infinity): Ranked[] {
  const groups = new Map<string, Ranked>();
  for (const row of answer.data) {
    const key = keyOf(row, field);
    groups.set(key, withRow(groups.get(key) ?? emptyGroup(key), row, source));
  }
  const named = [...groups.values()].filter(isValue).toSorted((a, b) => b.bytes - a.bytes);
  const unknown = groups.get(UNKNOWN_KEY);
  const rest = [...named.slice(limit), ...(answer.other ? [otherOf(answer.other)] : [])];
  const other = rest.reduce(joined, emptyGroup(OTHER_KEY));
  return [...named.slice(0, limit), ...(unknown ? [unknown] : []), ...(other.bytes > 0 ? [other] : [])];
}

/** Whether not one row of an answer has a value for a field, though there are rows. */
export function isNameless(
  answer: Answer<TopRow | { [field: string]: unknown }> | null,
  field: string,
): boolean {
  return answer !== null && answer.data.length > 0 && answer.data.every((row) => row[field] === null);
}

/** Whether a group stands for a value, not for the lack of one. */
export function isValue({ key }: { key: string }): boolean {
  return key !== OTHER_KEY && key !== UNKNOWN_KEY;
}

function emptyGroup(key: string): Ranked {
  return { key, bytes: 0, up: 0, down: 0, flows: 0, before: null, sources: [] };
}

function otherOf(other: Other<TopRow>): Ranked {
  const { bytes = 0, flows = 0, bytes_up: up = 0, bytes_down: down = 0, bytes_before: before } = other;
  return { ...emptyGroup(OTHER_KEY), bytes, flows, up, down, before: before === undefined ? null : before };
}

function joined(all: Ranked, one: Ranked): Ranked {
  return {
    ...all,
    bytes: all.bytes + one.bytes,
    up: all.up + one.up,
    down: all.down + one.down,
    flows: all.flows + one.flows,
    before: one.before === null ? all.before : (all.before ?? 0) + one.before,
  };
}

function withRow(group: Ranked, row: TopRow, source: string): Ranked {
  const told = row[source];
  const isNew = typeof told === "string" && !group.sources.includes(told);
  return {
    key: group.key,
    bytes: group.bytes + row.bytes,
    up: group.up + (row.bytes_up ?? 0),
    down: group.down + (row.bytes_down ?? 0),
    flows: group.flows + row.flows,
    before: row.bytes_before === undefined ? group.before : (group.before ?? 0) + (row.bytes_before ?? 0),
    sources: isNew ? [...group.sources, told] : group.sources,
  };
}
