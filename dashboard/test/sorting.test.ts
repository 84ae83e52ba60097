import { describe, expect, it } from "vitest";

import { orderAfter, sorted, sortingFrom } from "../src/sorting";

describe("sorting", () => {
  it("is the table's own until the reader chooses", () => {
    expect(sortingFrom("", "bytes")).toEqual({ column: "bytes", isRising: false });
    expect(sortingFrom("user:asc", "bytes")).toEqual({ column: "user", isRising: true });
  });

  it("turns round when the same heading is pressed again", () => {
    const first = orderAfter(sortingFrom("", "bytes"), "flows");
    const second = orderAfter(sortingFrom(first, "bytes"), "flows");
    expect([first, second]).toEqual(["flows", "flows:asc"]);
  });

  it("keeps what has no value last, either way", () => {
    const rows = [{ rtt: 5 }, { rtt: null }, { rtt: 9 }];
    expect(sorted(rows, { column: "rtt", isRising: false }).map(({ rtt }) => rtt)).toEqual([9, 5, null]);
    expect(sorted(rows, { column: "rtt", isRising: true }).map(({ rtt }) => rtt)).toEqual([5, 9, null]);
  });
});
