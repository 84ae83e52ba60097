import { expect, it } from "vitest";

import { preciseTime } from "../src/moment";

it("tells a moment to the millisecond", () => {
  expect(preciseTime(Date.parse("2026-05-04T12:00:00.042Z"))).toBe("4 May, 12:00:00.042");
  expect(preciseTime(Date.parse("2026-05-04T12:00:00Z"))).toBe("4 May, 12:00:00.000");
});
