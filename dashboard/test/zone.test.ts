import { describe, expect, it } from "vitest";

import { isZone, momentFromWall, wallFromMoment, zoneOffset } from "../src/zone";

const BERLIN = "Europe/Berlin";
const HOUR = 3_600_000;

describe("zones", () => {
  it("know how far they are ahead of UTC, summer and winter", () => {
    expect(zoneOffset(Date.parse("2026-01-15T12:00:00Z"), BERLIN)).toBe(HOUR);
    expect(zoneOffset(Date.parse("2026-07-15T12:00:00Z"), BERLIN)).toBe(2 * HOUR);
    expect(zoneOffset(Date.parse("2026-07-15T12:00:00Z"), "America/St_Johns")).toBe(-2.5 * HOUR);
  });

  it("turn time on the wall into a moment and back", () => {
    const moment = Date.parse("2026-07-15T10:30:00Z");
    expect(wallFromMoment(moment, BERLIN)).toBe("2026-07-15T12:30:00");
    expect(momentFromWall("2026-07-15T12:30:00", BERLIN)).toBe(moment);
  });

  it("mean the first of two in the hour that happens twice", () => {
    expect(momentFromWall("2026-10-25T02:30:00", BERLIN)).toBe(Date.parse("2026-10-25T00:30:00Z"));
  });

  it("are told from words that are none", () => {
    expect([isZone("UTC"), isZone(BERLIN), isZone("Mars/Olympus"), isZone("")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
