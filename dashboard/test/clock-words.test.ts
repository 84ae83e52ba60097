import { describe, expect, it } from "vitest";

import type { ClockRow } from "../src/rows/clock";
import { clockWords, isOff } from "../src/clock-words";

function clock(low: number | null, high: number | null): ClockRow {
  const middle = low === null || high === null ? null : (low + high) / 2;
  return {
    exporter: "192.0.2.1",
    observation_domain: 1,
    offset_low: low,
    offset_high: high,
    offset_seconds: middle,
    corrected: false,
    note: "",
    assumptions: [],
  };
}

describe("a clock in words", () => {
  it.each([
    [clock(299.8, 300.2), "about 300 s fast", true],
    [clock(-7201, -7199), "about 2 h slow", true],
    [clock(5, null), "about 5 s fast", true],
    [clock(-0.9, 0.3), "within 1 s", false],
    // A datagram later than assumed: only what is proven counts.
    [clock(-0.002, -4.2), "no error proven", false],
    [clock(300, 297.2), "about 300 s fast", true],
    [clock(-40, 0.3), "no error proven", false],
    [clock(null, null), "not known", false],
  ])("%#: %s", (row, words, off) => {
    expect(clockWords(row)).toBe(words);
    expect(isOff(row)).toBe(off);
  });

  it("does not know a clock nobody heard of", () => {
    expect(clockWords(undefined)).toBe("not known");
  });
});
