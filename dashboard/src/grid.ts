/** A grid: who used what, from rows grouped by two fields. */

import type { Answer } from "./answer";
import type { TopRow } from "./rows/top";

export interface Grid {
  /** The largest first. */
  columns: string[];
  rows: { key: string; bytes: number; cells: number[] }[];
}

/** Sum rows into a grid of the largest of both fields; what nobody knows has no line and no column. */
export function gridOf(
  answer: Answer<TopRow>,
  [down, across]: readonly [string, string],
  [most, widest]: readonly [number, number],
): Grid {
  const cells = new Map<string, Map<string, number>>();
  const columns = new Map<string, number>();
  for (const row of answer.data) {
    const [key, column] = [row[down], row[across]];
    if (typeof key !== "string" || typeof column !== "string") continue;
    const line = cells.get(key) ?? new Map<string, number>();
    cells.set(key, line.set(column, (line.get(column) ?? 0) + row.bytes));
    columns.set(column, (columns.get(column) ?? 0) + row.bytes);
  }
  const shown = largest(columns, widest);
  const totals = new Map(
    [...cells].map(([key, line]) => [key, [...line.values()].reduce((a, b) => a + b, 0)]),
  );
  return {
    columns: shown,
    rows: largest(totals, most).map((key) => ({
      key,
      bytes: totals.get(key) ?? 0,
      cells: shown.map((column) => cells.get(key)?.get(column) ?? 0),
    })),
  };
}

function largest(amounts: Map<string, number>, most: number): string[] {
  return [...amounts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([key]) => key);
}
