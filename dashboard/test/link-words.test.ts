import { describe, expect, it } from "vitest";

import { fullest, fullness, worstFirst } from "../src/link-words";
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
