import { describe, expect, it } from "vitest";

import { momentFromWord, rangeLabel, spanMilliseconds, stepSeconds } from "../src/time-range";

const NOW = Date.parse("2026-05-04T12:00:00Z");

describe("momentFromWord", () => {
  it("reads what the URL may hold", () => {
    expect(momentFromWord("now", NOW)).toBe(NOW);
    expect(momentFromWord("now-15m", NOW)).toBe(NOW - 900_000);
    expect(momentFromWord("now+1h", NOW)).toBe(NOW + 3_600_000);
    expect(momentFromWord("2026-05-04T11:00:00Z", NOW)).toBe(NOW - 3_600_000);
  });

  it("leaves other words to the server", () => {
    expect(momentFromWord("yesterday", NOW)).toBeNull();
    expect(spanMilliseconds("yesterday", "now", NOW)).toBe(86_400_000);
  });
});

describe("stepSeconds", () => {
  it.each([
    ["now-1m", 1],
    ["now-15m", 10],
    ["now-1h", 30],
    ["now-24h", 900],
    ["now-7d", 7200],
    ["now-600d", 432_000],
  ])("draws %s in steps of %i s", (from, step) => {
    expect(stepSeconds(from, "now", NOW)).toBe(step);
  });
});

describe("rangeLabel", () => {
  it("names the usual ranges and says the day once", () => {
    expect(rangeLabel("now-15m", "now")).toBe("15 min");
    expect(rangeLabel("2026-05-04T11:00:00", "2026-05-04T12:30:00")).toBe("4 May, 11:00:00 – 12:30:00");
    expect(rangeLabel("2026-05-04T11:00:00", "2026-05-05T12:30:00")).toBe(
      "4 May, 11:00:00 – 5 May, 12:30:00",
    );
    expect(rangeLabel("now-3h", "now")).toBe("now-3h – now");
  });
});
