/** Ranges of time as the address writes them: `now-1h`, `now`, `today`, or ISO 8601. The server gives them their meaning. */

import { dateTime } from "./moment";

export interface Preset {
  since: string;
  until: string;
  label: string;
}

export const PRESETS: readonly Preset[] = [
  { since: "now-15m", until: "now", label: "15 min" },
  { since: "now-1h", until: "now", label: "1 h" },
  { since: "now-24h", until: "now", label: "24 h" },
  { since: "now-7d", until: "now", label: "7 d" },
];

/** Ranges with a name, offered beside the two ends of any other. */
export const NAMED_RANGES: readonly Preset[] = [
  { since: "today", until: "now", label: "Today" },
  { since: "yesterday", until: "today", label: "Yesterday" },
  { since: "now-30d", until: "now", label: "30 d" },
];

const UNIT_MILLISECONDS: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };
const STEP_SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
];
const DAY_MILLISECONDS = 8.64e7;
const WANTED_POINTS = 120;

/** The moment a word means, in milliseconds since 1970; null for words only the server knows. */
export function momentFromWord(word: string, now: number): number | null {
  if (word === "now") return now;
  const relative = /^now\s*([+-])\s*(\d+)([smhdw])$/.exec(word);
  if (relative) {
    const distance = Number(relative[2]) * (UNIT_MILLISECONDS[relative[3] ?? ""] ?? 0);
    return relative[1] === "-" ? now - distance : now + distance;
  }
  const moment = Date.parse(word);
  return Number.isNaN(moment) ? null : moment;
}

/** How long a range lasts; a day when only the server could tell. */
export function spanMilliseconds(since: string, until: string, now: number): number {
  const first = momentFromWord(since, now);
  const last = momentFromWord(until, now);
  return first === null || last === null ? DAY_MILLISECONDS : Math.max(last - first, 1000);
}

/** The smallest even step that cuts a range into about as many points as a reader can tell apart. */
export function stepSeconds(since: string, until: string, now: number, points = WANTED_POINTS): number {
  const wanted = spanMilliseconds(since, until, now) / 1000 / points;
  return STEP_SECONDS.find((step) => step >= wanted) ?? Math.ceil(wanted / 86400) * 86400;
}

/** What the range picker shows. */
export function rangeLabel(since: string, until: string): string {
  const preset = [...PRESETS, ...NAMED_RANGES].find((one) => one.since === since && one.until === until);
  if (preset) return preset.label;
  const first = momentLabel(since);
  const last = momentLabel(until);
  const day = /^.*, /.exec(first)?.[0];
  return `${first} – ${day && last.startsWith(day) ? last.slice(day.length) : last}`;
}

function momentLabel(word: string): string {
  const moment = word.startsWith("now") ? Number.NaN : Date.parse(word);
  return Number.isNaN(moment) ? word : dateTime(moment);
}
