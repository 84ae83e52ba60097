import { expect, test, vi } from "vitest";

import { givenBefore, quiet, standIn, undrawn, waiting } from "../src/underway";

test("an old answer stands in until it is taken back, though another is as old", () => {
  const releaseFirst = standIn(1000);
  const releaseSecond = standIn(1000);
  const releaseThird = standIn(2000);
  releaseFirst();
  expect(givenBefore.value).toEqual([1000, 2000]);
  releaseThird();
  releaseSecond();
  expect(givenBefore.value).toEqual([]);
});

test("newer answers are asked for once nobody waits for an answer or its picture", async () => {
  waiting.value = 2;
  undrawn.value = 1;
  let isQuiet = false;
  const asked = quiet().then(() => (isQuiet = true));
  waiting.value = 1;
  await Promise.resolve();
  expect(isQuiet).toBe(false);
  waiting.value = 0;
  await Promise.resolve();
  expect(isQuiet).toBe(false);
  undrawn.value = 0;
  await asked;
  expect(isQuiet).toBe(true);
});

test("who waits for long holds up no newer answers", async () => {
  vi.useFakeTimers();
  waiting.value = 1;
  const asked = quiet();
  await vi.advanceTimersByTimeAsync(2000);
  await asked;
  expect(waiting.value).toBe(1);
  vi.useRealTimers();
});
