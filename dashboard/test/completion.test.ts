import { expect, it } from "vitest";

import { completed } from "../src/completion";

const john = { text: "John", kind: "value", meaning: "" } as const;

it("puts a candidate in the place of the letters typed", () => {
  expect(completed("user Jo", { start: 5, end: 7 }, john)).toEqual({ filter: "user John ", cursor: 10 });
});

it("keeps what stands after the cursor, with one space between", () => {
  expect(completed("user Jo and tcp", { start: 5, end: 7 }, john)).toEqual({
    filter: "user John and tcp",
    cursor: 10,
  });
});
