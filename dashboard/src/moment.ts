/** Moments as people read them: 24-hour clock, in the zone chosen. */

import { computed } from "@preact/signals";

import { zone } from "./zone";

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;

const formats = computed(() => ({
  dateTime: new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    ...CLOCK,
    timeZone: zone.value,
  }),
  time: new Intl.DateTimeFormat("en-GB", { ...CLOCK, timeZone: zone.value }),
  day: new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: zone.value,
  }),
}));

/** `4 May, 12:00:00`. */
export function dateTime(moment: number): string {
  return formats.value.dateTime.format(moment);
}

/** To the millisecond, for what followed on each other closely: `4 May, 12:00:00.042`. */
export function preciseTime(moment: number): string {
  return `${dateTime(moment)}.${String(moment % 1000).padStart(3, "0")}`;
}

/** The time of day alone: `12:00:00`. */
export function timeOfDay(moment: number): string {
  return formats.value.time.format(moment);
}

/** The day alone: `Mon 4 May`. */
export function day(moment: number): string {
  return formats.value.day.format(moment);
}

/** A moment in the fewest words beside another: the time alone when it is the same day. */
export function shortMoment(moment: number, now: number): string {
  const time = timeOfDay(moment).slice(0, 5);
  return day(moment) === day(now) ? time : `${day(moment).replace(/^\w+,? /, "")}, ${time}`;
}

/** ISO 8601 in UTC, to the second. */
export function isoFromMoment(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}
