/** What a device's time is worth, in words. */

import type { Level } from "./components/mark";
import { fineSpan } from "./clock-words";
import type { TimeDeviceRow } from "./rows/time-device";

/** How much a reader should mind: who is off, or is served by nobody. */
export function deviceLevel({ sync, state, requests, answers }: TimeDeviceRow): Level {
  if (sync === "off") return "medium";
  if (state === "never asks" || state === "stopped" || (requests ?? 0) > (answers ?? 0) * 4) return "low";
  return sync === "in sync" ? "good" : "unknown";
}

/** `in sync, 1.2 ms fast`, `about 300 s fast`, `hides its clock`, `never asks`. */
export function syncWords({
  sync,
  offset_seconds: offset,
  state,
  is_own_server: isOurs,
}: TimeDeviceRow): string {
  if (state === "never asks") return "not known: it asks nobody";
  if (offset === null) return isOurs ? "not known: it hides its clock" : "not known: others serve it";
  const words = `${fineSpan(Math.abs(offset))} ${offset < 0 ? "slow" : "fast"}`;
  return sync === "off" ? words : `in sync, ${words}`;
}

/** How many devices there are of each kind: `2 off · 31 in sync · 12 unknown`. */
export function tally(rows: readonly TimeDeviceRow[]): string {
  const devices = new Map<string, string>();
  for (const { address, sync, state } of rows) {
    const word = sync !== "unknown" ? sync : state === "never asks" ? "ask nobody" : "unknown";
    const known = devices.get(address);
    if (known === undefined || known === "unknown") devices.set(address, word);
  }
  const counted = ["off", "in sync", "unknown", "ask nobody"].map(
    (word) => [[...devices.values()].filter((each) => each === word).length, word] as const,
  );
  return counted
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(" · ");
}
