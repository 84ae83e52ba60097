/** What a clock's bounds say, in words. Offsets are exporter minus true time, so a fast clock is positive. */

import type { ClockRow } from "./rows/clock";
import { span } from "./units";

/** Below this nobody needs to act, and whole-second headers cannot tell more. */
const TOLERANCE_SECONDS = 1;

/** Whether the bounds prove that the clock is off by more than a second. */
export function isOff({ offset_low, offset_high }: ClockRow): boolean {
  return (offset_low ?? 0) > TOLERANCE_SECONDS || (offset_high ?? 0) < -TOLERANCE_SECONDS;
}

/** `about 300 s fast`, `no error proven`; a clock nobody heard of is `not known`. */
export function clockWords(clock: ClockRow | undefined): string {
  if (!clock || (clock.offset_low === null && clock.offset_high === null)) return "not known";
  const { offset_low: low, offset_high: high, offset_seconds: middle } = clock;
  if (isOff(clock)) {
    const offset = middle ?? low ?? high ?? 0;
    return `about ${span(Math.abs(offset))} ${offset > 0 ? "fast" : "slow"}`;
  }
  const isTight = low !== null && high !== null && low > -TOLERANCE_SECONDS && high < TOLERANCE_SECONDS;
  return isTight ? "within 1 s" : "no error proven";
}
