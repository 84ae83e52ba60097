import { describe, expect, it } from "vitest";

import { shade, weekOf } from "../src/week";

describe("weekOf", () => {
  const monday = { time: "2026-05-04T22:30:00Z", bytes: 10 };

  it("puts an hour under its weekday", () => {
    expect(weekOf([monday], "UTC")[0]?.[22]).toBe(10);
  });

  it("goes by the clocks of the zone, over midnight too", () => {
    expect(weekOf([monday], "Europe/Berlin")[1]?.[0]).toBe(10);
  });

  it("adds the same hour of several weeks", () => {
    const week = weekOf([monday, { time: "2026-05-11T22:00:00Z", bytes: 5 }], "UTC");
    expect(week[0]?.[22]).toBe(15);
    expect(week.flat().reduce((sum, bytes) => sum + bytes, 0)).toBe(15);
  });
});

describe("shade", () => {
  it("is nothing for nothing and something for anything", () => {
    expect([shade(0, 1e9), shade(1, 1e9), shade(2e8, 1e9), shade(1e9, 1e9)]).toEqual([0, 1, 3, 4]);
  });
});
