import { describe, expect, it } from "vitest";

import { OTHER_KEY, UNKNOWN_KEY } from "../src/names";
import type { SeriesRow } from "../src/rows/series";
import { stackOf } from "../src/stack";
import { answerOf } from "./answers";

const START = Date.parse("2026-05-04T12:00:00Z");

function row(second: number, protocol: number | null, bytes: number): SeriesRow {
  return { time: new Date(START + second * 1000).toISOString(), protocol, bytes };
}

describe("stackOf", () => {
  it("fills silence with nothing and turns bytes into bits per second", () => {
    const stack = stackOf(answerOf([row(0, 6, 1000), row(20, 6, 500)]), "protocol", 10, 8);
    expect(stack.times).toHaveLength(4);
    expect(stack.groups).toEqual([{ key: "6", rates: [800, 0, 400, 0], bytes: 1500 }]);
    expect(stack.before).toEqual([]);
  });

  it("puts the largest first, then what nobody knows, and the rest last", () => {
    const rows = [row(0, 1, 10), row(0, 6, 1000), row(0, 17, 2000), row(0, null, 5000)];
    const left = { time: new Date(START).toISOString(), bytes: 70 };
    const stack = stackOf(answerOf(rows, { other: { rows: [left] } }), "protocol", 10, 2);
    expect(stack.groups.map((group) => [group.key, group.bytes])).toEqual([
      ["17", 2000],
      ["6", 1000],
      [UNKNOWN_KEY, 5000],
      [OTHER_KEY, 80],
    ]);
  });

  it("adds up the period compared with", () => {
    const rows = [
      { ...row(0, 6, 1), bytes_before: 1000 },
      { ...row(0, 17, 1), bytes_before: 250 },
    ];
    expect(stackOf(answerOf(rows), "protocol", 10, 8).before).toEqual([1000, 0, 0, 0]);
  });

  it("counts buckets from where the server aligned them, also before the first row", () => {
    const answer = answerOf([row(20, 6, 1)], {
      since: "2026-05-04T12:00:03Z",
      until: "2026-05-04T12:00:25Z",
    });
    const { times } = stackOf(answer, "protocol", 10, 8);
    expect(times.map((time) => (time - START) / 1000)).toEqual([0, 10, 20]);
  });

  it("has one empty bucket for an empty range", () => {
    const answer = answerOf<SeriesRow>([], { until: "2026-05-04T12:00:00Z" });
    expect(stackOf(answer, "protocol", 10, 8)).toMatchObject({ times: [START], groups: [] });
  });
});
