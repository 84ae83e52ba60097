/** The time zone: one choice that every tick, table, picker and question on the page obeys. */

import { computed } from "@preact/signals";

import { view } from "./view";

/** The zone this browser lives in. */
export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const zone = computed(() => (isZone(view.value.time_zone) ? view.value.time_zone : OWN_ZONE));

/** Whether the browser knows a zone of this name. */
export function isZone(name: string): boolean {
  if (name === "") return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en-GB", { timeZone: name }));
  } catch {
    return false;
  }
}

/** How far local time in a zone is ahead of UTC at a moment, in milliseconds. */
export function zoneOffset(moment: number, name: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return wall - Math.floor(moment / 1000) * 1000;
}

/** What a `datetime-local` input holds for a moment: time on the wall, without zone. */
export function wallFromMoment(moment: number, name: string): string {
  return new Date(moment + zoneOffset(moment, name)).toISOString().slice(0, 19);
}

/** The moment a wall clock in a zone shows this. In the hour that happens twice, the first of the two. */
export function momentFromWall(wall: string, name: string): number {
  const plain = Date.parse(`${wall}Z`);
  const guesses = [plain - 8.64e7, plain + 8.64e7].map((near) => plain - zoneOffset(near, name));
  const kept = guesses.filter((guess) => guess + zoneOffset(guess, name) === plain);
  return kept.length > 0 ? Math.min(...kept) : Math.max(...guesses);
}
