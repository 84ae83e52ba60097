import { describe, expect, it } from "vitest";

import { lifeFilter, rowsAfter, shownRows } from "../src/pages/person/life-question";

describe("the question behind a timeline", () => {
  it("names its address first, whatever the filter names", () => {
    expect(lifeFilter("10.0.0.7", undefined, "")).toBe("addr = 10.0.0.7");
    expect(lifeFilter("fd10::7", "Ann O'Neil", "addr 8.8.8.8 or port 53")).toBe(
      'addr = fd10::7 and user = "Ann O\'Neil" and (addr 8.8.8.8 or port 53)',
    );
  });

  it.each([
    ["", 100],
    ["200", 200],
    ["7", 100],
    ["99999", 1000],
    ["many", 100],
  ])("an address that asks for %j rows gets %i", (shown, rows) => {
    expect(shownRows(shown)).toBe(rows);
  });

  it("offers more only where there may be more", () => {
    expect(rowsAfter(100, 100)).toBe(200);
    expect(rowsAfter(100, 99)).toBeNull();
    expect(rowsAfter(1000, 1000)).toBeNull();
  });
});
