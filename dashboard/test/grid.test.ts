import { expect, it } from "vitest";

import { gridOf } from "../src/grid";
import type { TopRow } from "../src/rows/top";
import { answerOf } from "./answers";

function row(user: string | null, category: string | null, bytes: number): TopRow {
  return { user, category, bytes, packets: 1, flows: 1 };
}

it("sums rows into the largest lines and columns", () => {
  const rows = [
    row("Ann", "files", 5),
    row("Ann", "streaming", 90),
    row("Ben", "files", 30),
    row("Cleo", "mail", 1),
    row("Ben", "files", 3),
    row(null, "files", 999),
    row("Ann", null, 999),
  ];
  expect(gridOf(answerOf(rows), ["user", "category"], [2, 2])).toEqual({
    columns: ["streaming", "files"],
    rows: [
      { key: "Ann", bytes: 95, cells: [90, 5] },
      { key: "Ben", bytes: 33, cells: [0, 33] },
    ],
  });
});
