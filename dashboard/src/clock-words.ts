/** What a clock's bounds say, in words. Offsets are exporter minus true time, so a fast clock is positive. */

import type { ClockRow } from "./rows/clock";
import { span } from "./units";

/** Below this nobody needs to act, and whole-second headers cannot tell more. */
const TOLERANCE_SECONDS = 1;

/**
 * Whether the clock is off by more than a second. Only the lower bound is proven: the upper one rests on an
 * assumed delay, and where the two exclude each other a datagram was later than that.
 */
export function isOff(clock: ClockRow): boolean {
  const { offset_low: low, offset_high: high } = clock;
  return (low ?? 0) > TOLERANCE_SECONDS || (!isLate(clock) && (high ?? 0) < -TOLERANCE_SECONDS);
}

function isLate({ offset_low: low, offset_high: high }: ClockRow): boolean {
  return low !== null && high !== null && low > high;
}

/** `about 300 s fast`, `no error proven`; a clock nobody heard of is `not known`. */
export function clockWords(clock: ClockRow | undefined): string {
  if (!clock || (clock.offset_low === null && clock.offset_high === null)) return "not known";
  const { offset_low: low, offset_high: high, offset_seconds: middle } = clock;
  if (isOff(clock)) {
    const offset = (isLate(clock) ? low : middle) ?? low ?? high ?? 0;
    return `about ${span(Math.abs(offset))} ${offset > 0 ? "fast" : "slow"}`;
  }
  const isTight =
    !isLate(clock) && (low ?? -Infinity) > -TOLERANCE_SECONDS && (high ?? Infinity) < TOLERANCE_SECONDS;
  return isTight ? "within 1 s" : "no error proven";
}
