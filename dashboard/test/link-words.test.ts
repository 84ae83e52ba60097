import { describe, expect, it } from "vitest";

import { bothWays, coverage, expectedCoverage, fullest, fullness, worstFirst } from "../src/link-words";
import type { LinkRow } from "../src/rows/link";

function link(name: string, change: Partial<LinkRow>): LinkRow {
  return {
    link: name,
    exporter: "192.0.2.1",
    interface: 1,
    capacity_in: null,
    capacity_out: null,
    bytes_in: 0,
    bytes_out: 0,
    in_last_bps: 0,
    out_last_bps: 0,
    in_p95_bps: 0,
    out_p95_bps: 0,
    in_peak_bps: 0,
    out_peak_bps: 0,
    minutes_above_80: null,
    minutes_above_90: null,
    bottleneck_hours: [],
    rtt_p50: null,
    rtt_p95: null,
    response_p50_low: null,
    response_p50_high: null,
    retransmit_share: null,
    loss: null,
    errors_in: null,
    errors_out: null,
    counted_in: null,
    counted_out: null,
    coverage_in: null,
    coverage_out: null,
    expected_in_low: null,
    expected_in_high: null,
    expected_out_low: null,
    expected_out_high: null,
    note: null,
    ...change,
  };
}

describe("how full a link is", () => {
  it("is how full its fuller direction is", () => {
    const change = { capacity_in: 100, in_p95_bps: 20, capacity_out: 50, out_p95_bps: 40 };
    expect(fullest(link("up", change))).toBe(0.8);
  });

  it("is not known without a capacity, and by one direction where only that is known", () => {
    expect(fullest(link("up", { in_p95_bps: 20 }))).toBeNull();
    expect(fullest(link("up", { capacity_in: 80, in_p95_bps: 20, out_p95_bps: 90 }))).toBe(0.25);
  });

  it("has a word", () => {
    expect([0.5, 0.8, 0.95, 1.1].map(fullness)).toEqual(["fine", "busy", "full", "full"]);
  });
});

it("puts the fullest first, and after those with a capacity the busiest", () => {
  const links = [
    link("quiet", { in_p95_bps: 5 }),
    link("half", { capacity_in: 10, in_p95_bps: 5 }),
    link("busy", { out_p95_bps: 500 }),
    link("full", { capacity_in: 10, in_p95_bps: 9 }),
  ];
  expect(worstFirst(links).map((row) => row.link)).toEqual(["full", "half", "busy", "quiet"]);
});

describe("how flows agree with what an interface counted", () => {
  it("is told of both directions, or of the one that was counted", () => {
    expect(bothWays(0.966, 0.651)).toBe("97 % in, 65 % out");
    expect(bothWays(null, 0.65)).toBe("65 % out");
    expect(bothWays(0.97, null)).toBe("97 % in");
  });

  it("is not measured where nothing was counted", () => {
    expect(coverage(link("up", {}))).toBeNull();
    expect(coverage(link("up", { coverage_out: 0 }))).toBe(0);
  });

  it("is that of the direction flows tell less of", () => {
    expect(coverage(link("up", { coverage_in: 0.97, coverage_out: 0.4 }))).toBe(0.4);
  });

  it("is expected to leave out the frames around packets", () => {
    const change = { expected_in_low: 0.96, expected_in_high: 0.97 };
    expect(expectedCoverage(link("up", change))).toBe("96 to 97 % in");
    const both = { ...change, expected_out_low: 0.6, expected_out_high: 0.6 };
    expect(expectedCoverage(link("up", both))).toBe("96 to 97 % in, 60 % out");
    expect(expectedCoverage(link("up", {}))).toBe("");
  });
});
