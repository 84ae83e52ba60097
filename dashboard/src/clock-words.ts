/** What a clock's bounds say, in words. Offsets are exporter minus true time, so a fast clock is positive. */

import type { OwnClock } from "./answer";
import type { Level } from "./components/mark";
import type { ClockRow, ClockState } from "./rows/clock";
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

/** `about 300 s fast`, `within 4 ms`, `no error proven`; a clock nobody heard of is `not known`. */
export function clockWords(clock: ClockRow | undefined): string {
  if (!clock || (clock.offset_low === null && clock.offset_high === null)) return "not known";
  const { offset_low: low, offset_high: high, offset_seconds: middle } = clock;
  if (isOff(clock)) {
    const offset = (isLate(clock) ? low : middle) ?? low ?? high ?? 0;
    return `about ${fineSpan(Math.abs(offset))} ${offset > 0 ? "fast" : "slow"}`;
  }
  const furthest = Math.max(-(low ?? -Infinity), high ?? Infinity);
  return !isLate(clock) && furthest < TOLERANCE_SECONDS ? `within ${fineSpan(furthest)}` : "no error proven";
}

/** How closely the offset is known: `give or take 125 ms`, `at least 299 s`, `no bound`. */
export function boundWords(clock: ClockRow): string {
  const { offset_low: low, offset_high: high } = clock;
  if (low === null && high === null) return "no bound";
  if (low === null) return `at most ${signed(high ?? 0)}`;
  if (high === null) return `at least ${signed(low)}`;
  if (isLate(clock)) return "the bounds exclude each other";
  return `give or take ${fineSpan((high - low) / 2)}`;
}

const STATES: Record<ClockState, string> = {
  raw: "not judged yet",
  good: "right",
  wrong: "wrong",
  phase_locked: "phase-locked",
  stepped: "set lately",
  rebooted: "started anew",
  unknown: "unknown",
};

/** The state of a clock, and whether it does harm: `wrong, corrected`. */
export function stateWords(clock: ClockRow): string {
  return clock.state === "wrong" && clock.corrected ? "wrong, corrected" : STATES[clock.state];
}

/** How much a reader should mind. */
export function clockLevel(clock: ClockRow): Level {
  if (isOff(clock) || clock.state === "wrong") return "medium";
  if (clock.state === "unknown" || (clock.clock === "wall" && clockWords(clock) === "not known"))
    return "unknown";
  return clock.state === "phase_locked" || clockWords(clock) === "no error proven" ? "low" : "good";
}

/** What the clock does to the times of its flows: `were 300 s late, put right`. */
export function effectWords(clock: ClockRow): string {
  if (clock.state === "unknown") return "not known";
  if (!isOff(clock) && clock.state !== "wrong") return "times are as told";
  const offset = clock.offset_seconds ?? clock.offset_low ?? clock.offset_high ?? 0;
  const by = `${fineSpan(Math.abs(offset))} too ${offset > 0 ? "late" : "early"}`;
  return clock.corrected ? `times were ${by}, put right` : `times are ${by}`;
}

const SCALE = { middle: 80, least: 1e-3, most: 86_400 };

/** Where an offset stands on a bar of 160: right in the middle, a day at the ends, tenfold at each step. */
export function offsetPlace(seconds: number): number {
  const { middle, least, most } = SCALE;
  const size = Math.min(1, Math.log10(1 + Math.abs(seconds) / least) / Math.log10(1 + most / least));
  return middle + Math.sign(seconds) * size * middle;
}

function signed(seconds: number): string {
  return `${seconds < 0 ? "−" : "+"}${fineSpan(Math.abs(seconds))}`;
}

/** `40 µs`, `3.2 ms`, `300 s`, `2 h`. */
export function fineSpan(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : span(seconds);
}

/** What to say of the collector's own clock, if it makes times doubtful. */
export function ownClockSentence(own: OwnClock | null | undefined): string | null {
  if (!own) return null;
  if (own.bound_seconds === null)
    return "Nobody keeps this machine's clock right: times compare with each other, not with true time.";
  if (own.bound_seconds <= TOLERANCE_SECONDS) return null;
  return `This machine's own clock may be off by ${span(own.bound_seconds)}.`;
}
