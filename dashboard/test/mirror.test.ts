import { expect, it } from "vitest";

import { mirrorOf, type Side } from "../src/mirror";
import type { SeriesRow } from "../src/rows/series";
import { answerOf } from "./answers";

function side(name: string, metric: Side["metric"], rows: SeriesRow[]): Side {
  return { name, metric, colour: "blue", isBelow: name === "Out", answer: answerOf(rows) };
}

it("draws each side from its own counter", () => {
  const rows = [{ time: "2026-05-04T12:00:10Z", bytes: 60, bytes_down: 50, bytes_up: 10 }];
  const { layers } = mirrorOf([side("In", "bytes_down", rows), side("Out", "bytes_up", rows)], 10);
  expect(layers.map(({ name, rates, bytes, isBelow }) => [name, rates, bytes, isBelow])).toEqual([
    ["In", [0, 40, 0, 0], 50, false],
    ["Out", [0, 8, 0, 0], 10, true],
  ]);
});

it("lays two answers over the same buckets, where one of them is silent too", () => {
  const rows = [{ time: "2026-05-04T12:00:20Z", bytes: 100 }];
  const { times, layers } = mirrorOf([side("In", "bytes", []), side("Out", "bytes", rows)], 10);
  expect(times).toHaveLength(4);
  expect(layers.map(({ rates }) => rates)).toEqual([
    [0, 0, 0, 0],
    [0, 0, 80, 0],
  ]);
});
