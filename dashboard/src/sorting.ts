/** Sorting: how a table's order is written in the address, which is the query object's `order`. */

export interface Sorting {
  column: string;
  isRising: boolean;
}

/** Read `bytes`, `user:asc`; nothing is the table's own. */
export function sortingFrom(order: string, own: string): Sorting {
  const [column = "", way] = (order || own).split(":");
  return { column, isRising: way === "asc" };
}

/** What pressing a heading leads to: largest first, pressed again smallest first. */
export function orderAfter({ column, isRising }: Sorting, pressed: string): string {
  return column === pressed && !isRising ? `${pressed}:asc` : pressed;
}

/** Sort rows the browser holds whole; what has no value comes last either way. */
export function sorted<Row extends object>(
  rows: readonly Row[],
  { column, isRising }: Sorting,
  valueOf: (row: Row, column: string) => unknown = cell,
): Row[] {
  const sign = isRising ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [valueOf(a, column) ?? null, valueOf(b, column) ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right));
  });
}

function cell(row: object, column: string): unknown {
  return (row as Record<string, unknown>)[column];
}
