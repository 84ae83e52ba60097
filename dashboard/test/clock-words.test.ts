import { describe, expect, it } from "vitest";

import type { ClockRow } from "../src/rows/clock";
import {
  boundWords,
  clockLevel,
  clockWords,
  effectWords,
  isOff,
  offsetPlace,
  stateWords,
  ownClockSentence,
} from "../src/clock-words";

function clock(low: number | null, high: number | null): ClockRow {
  const middle = low === null || high === null ? null : (low + high) / 2;
  return {
    exporter: "192.0.2.1",
    observation_domain: 1,
    clock: "wall",
    offset_low: low,
    offset_high: high,
    offset_seconds: middle,
    drift_ppm: null,
    state: "raw",
    method: "",
    corrected: false,
    note: "",
    assumptions: [],
  };
}

describe("a clock in words", () => {
  it.each([
    [clock(299.8, 300.2), "about 300 s fast", true],
    [clock(-7201, -7199), "about 2 h slow", true],
    [clock(5, null), "about 5.0 s fast", true],
    [clock(-0.9, 0.3), "within 900 ms", false],
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

describe("how closely a clock is known", () => {
  it.each([
    [clock(-0.0004, 0.0004), "give or take 400 µs"],
    [clock(299.75, 300), "give or take 125 ms"],
    [clock(5, null), "at least +5.0 s"],
    [clock(null, -30), "at most −30 s"],
    [clock(null, null), "no bound"],
    [clock(300, 297), "the bounds exclude each other"],
  ])("%#: %s", (row, words) => expect(boundWords(row)).toBe(words));
});

describe("what a clock does to its flows", () => {
  const wrong = { ...clock(299.9, 300.1), state: "wrong" as const };
  it.each([
    [{ ...wrong, corrected: true }, "wrong, corrected", "times were 300 s too late, put right", "medium"],
    [wrong, "wrong", "times are 300 s too late", "medium"],
    [
      { ...clock(-60.1, -59.9), state: "stepped" as const },
      "set lately",
      "times are 60 s too early",
      "medium",
    ],
    [{ ...clock(-0.002, 0.003), state: "good" as const }, "right", "times are as told", "good"],
    [{ ...clock(-1.2, 0.1), state: "phase_locked" as const }, "phase-locked", "times are as told", "low"],
    [{ ...clock(null, null), state: "unknown" as const }, "unknown", "not known", "unknown"],
  ])("%#", (row, state, effect, level) => {
    expect([stateWords(row), effectWords(row), clockLevel(row)]).toEqual([state, effect, level]);
  });
});

describe("the bar of an offset", () => {
  it("has right in the middle and a day at its ends", () => {
    expect([0, 86_400, -1e9, Infinity].map(offsetPlace)).toEqual([80, 160, 0, 160]);
  });

  it("shows a millisecond", () => {
    expect(offsetPlace(0.001) - 80).toBeGreaterThan(2);
  });
});

const own = (bound_seconds: number | null) => ownClockSentence({ bound_seconds, note: "" });

describe("the collector's own clock", () => {
  it("is told only where it makes times doubtful", () => {
    expect(ownClockSentence(undefined)).toBeNull();
    expect(ownClockSentence(null)).toBeNull();
    expect(own(0.003)).toBeNull();
    expect(own(12)).toBe("This machine's own clock may be off by 12 s.");
    expect(own(null)).toContain("Nobody keeps this machine's clock right");
  });
});
