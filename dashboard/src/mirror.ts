/** Two directions drawn about one axis: what came in above, what went out below. */

import type { Answer } from "./answer";
import { bucketOf, bucketTimes } from "./buckets";
import type { Layer } from "./picture";
import type { SeriesRow } from "./rows/series";

export interface Side {
  name: string;
  colour: string;
  isBelow: boolean;
  answer: Answer<SeriesRow>;
  /** Which counter of the answer is drawn. */
  metric: "bytes" | "bytes_down" | "bytes_up" | "bytes_estimate";
}

export interface Mirror {
  times: number[];
  stepMilliseconds: number;
  layers: Layer[];
}

/** Bring the sides, which are answers over one range, into the same buckets of `step` seconds. */
export function mirrorOf(sides: readonly Side[], step: number): Mirror {
  const stepMilliseconds = step * 1000;
  const { since, until } = sides[0]?.answer ?? {};
  const named = sides.flatMap(({ answer }) => answer.data)[0]?.time;
  const times = bucketTimes(named, stepMilliseconds, Date.parse(since ?? ""), Date.parse(until ?? ""));
  return { times, stepMilliseconds, layers: sides.map((side) => layerOf(side, times, step)) };
}

function layerOf({ answer, metric, ...side }: Side, times: number[], step: number): Layer {
  const rates = times.map(() => 0);
  let bytes = 0;
  for (const row of answer.data) {
    const counted = row[metric] ?? 0;
    const bucket = bucketOf(Date.parse(row.time), times, step * 1000);
    bytes += counted;
    if (rates[bucket] !== undefined) rates[bucket] += (counted * 8) / step;
  }
  return { ...side, key: side.name, rates, bytes };
}
