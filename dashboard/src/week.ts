/** A week of hours: when somebody is active, Monday first. */

import type { SeriesRow } from "./rows/series";
import { zoneOffset } from "./zone";

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

const HOUR_MILLISECONDS = 3.6e6;
/** 1970 began on a Thursday. */
const MONDAY = 3;

/** Bytes by day and hour. */
export type Week = number[][];

/** Sum hourly rows into the hours of a week, on the clocks of a zone. */
export function weekOf(rows: readonly SeriesRow[], zone: string): Week {
  const week = DAYS.map(() => HOURS.map(() => 0));
  for (const row of rows) {
    const moment = Date.parse(row.time);
    const hours = Math.floor((moment + zoneOffset(moment, zone)) / HOUR_MILLISECONDS);
    const day = week[(Math.floor(hours / 24) + MONDAY) % 7];
    if (day) day[hours % 24] = (day[hours % 24] ?? 0) + row.bytes;
  }
  return week;
}

/** How dark a cell is drawn, from 0 for nothing to 4; two steps to a power of ten, for traffic is not even. */
export function shade(bytes: number, busiest: number): number {
  if (bytes <= 0) return 0;
  return Math.max(1, 4 - Math.floor(Math.log10(busiest / bytes) * 2));
}
