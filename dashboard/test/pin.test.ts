import { describe, expect, it } from "vitest";

import { pinCommand, pinFrom } from "../src/pin";

const FORM = { name: " Ann ", isMachine: false, from: "", until: "" };

describe("a pin", () => {
  it("without ends holds always", () => {
    expect(pinFrom("10.0.0.7", FORM, "UTC")).toEqual({ address: "10.0.0.7", name: "Ann", is_machine: false });
  });

  it("has its ends in the zone of the page", () => {
    const form = { ...FORM, from: "2026-05-04T08:00:00", until: "2026-05-04T17:30" };
    expect(pinFrom("10.0.0.7", form, "Europe/Berlin")).toMatchObject({
      since: "2026-05-04T06:00:00Z",
      until: "2026-05-04T15:30:00Z",
    });
  });

  it("can be said in a terminal", () => {
    const pin = pinFrom("fd10::7", { ...FORM, name: "Ann's pc", isMachine: true }, "UTC");
    expect(pinCommand(pin)).toBe(`tidegauge names pin fd10::7 'Ann'\\''s pc' --machine`);
  });
});
