import { describe, expect, it } from "vitest";

import { GROUND, OTHER, seriesColours } from "../src/palette";

/** WCAG 2.2, 1.4.11: what must be seen to understand a picture needs 3:1 against its ground. */
const MARK_CONTRAST = 3;

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [light = 0, dark = 0] = [luminance(left), luminance(right)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe.each([
  ["light", [...seriesColours(false), OTHER.light], GROUND.light],
  ["dark", [...seriesColours(true), OTHER.dark], GROUND.dark],
] as const)("the %s palette", (_, colours, ground) => {
  it.each(colours)("%s stands out from the ground", (colour) => {
    expect(contrast(colour, ground)).toBeGreaterThanOrEqual(MARK_CONTRAST);
  });

  it("has no colour twice", () => {
    expect(new Set(colours).size).toBe(colours.length);
  });
});
