import { describe, expect, it } from "vitest";

import type { SeriesRow } from "../src/answer";
import { stackOf } from "../src/stack";

const START = Date.parse("2026-05-04T12:00:00Z");

function row(second: number, protocol: number | null, bytes: number): SeriesRow {
  return { time: new Date(START + second * 1000).toISOString(), protocol, bytes, packets: 1, flows: 1 };
}

describe("stackOf", () => {
  it("fills silence with nothing and turns bytes into bits per second", () => {
    const stack = stackOf([row(0, 6, 1000), row(20, 6, 500)], "protocol", 10, START, START + 40_000, 8);
    expect(stack.times).toHaveLength(4);
    expect(stack.groups).toEqual([{ key: "6", rates: [800, 0, 400, 0], bytes: 1500 }]);
  });

  it("puts the largest first and the rest last, as Other", () => {
    const rows = [row(0, 1, 10), row(0, 6, 1000), row(0, 17, 2000), row(0, null, 5000)];
    const stack = stackOf(rows, "protocol", 10, START, START + 10_000, 2);
    expect(stack.groups.map((group) => [group.key, group.bytes])).toEqual([
      ["17", 2000],
      ["6", 1000],
      ["other", 5010],
    ]);
    expect(stack.peak).toBe((8010 * 8) / 10);
  });

  it("counts buckets from where the server aligned them, also before the first row", () => {
    const stack = stackOf([row(20, 6, 1)], "protocol", 10, START + 3000, START + 25_000, 8);
    expect(stack.times.map((time) => (time - START) / 1000)).toEqual([0, 10, 20]);
  });

  it("has one empty bucket for an empty range", () => {
    expect(stackOf([], "protocol", 10, START, START, 8)).toMatchObject({
      times: [START],
      groups: [],
      peak: 0,
    });
  });
});
