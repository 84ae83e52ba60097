import { expect, it } from "vitest";

import { changeWords } from "../src/change";

it.each([
  [112, 100, "+12 %"],
  [60, 100, "−40 %"],
  [100, 100, "same"],
  [310, 100, "×3.1"],
  [5000, 100, "×50"],
  [7, 0, "new"],
  [0, 0, "none"],
  [0, 9, "−100 %"],
])("%d after %d is %s", (now, before, words) => {
  expect(changeWords(now, before)).toBe(words);
});
