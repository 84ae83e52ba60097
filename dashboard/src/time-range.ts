/** Ranges of time as the URL writes them: `now-1h`, `now`, or ISO 8601. The server gives them their meaning. */

export interface Preset {
  from: string;
  label: string;
}

export const PRESETS: readonly Preset[] = [
  { from: "now-15m", label: "15 min" },
  { from: "now-1h", label: "1 h" },
  { from: "now-24h", label: "24 h" },
  { from: "now-7d", label: "7 d" },
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
export function spanMilliseconds(from: string, to: string, now: number): number {
  const first = momentFromWord(from, now);
  const last = momentFromWord(to, now);
  return first === null || last === null ? DAY_MILLISECONDS : Math.max(last - first, 1000);
}

/** The smallest even step that draws a range in about as many points as a reader can tell apart. */
export function stepSeconds(from: string, to: string, now: number): number {
  const wanted = spanMilliseconds(from, to, now) / 1000 / WANTED_POINTS;
  return STEP_SECONDS.find((step) => step >= wanted) ?? Math.ceil(wanted / 86400) * 86400;
}

/** What the range picker shows. */
export function rangeLabel(from: string, to: string): string {
  const preset = PRESETS.find((candidate) => candidate.from === from && to === "now");
  if (preset) return preset.label;
  const first = momentLabel(from);
  const last = momentLabel(to);
  const day = /^.*, /.exec(first)?.[0];
  return `${first} – ${day && last.startsWith(day) ? last.slice(day.length) : last}`;
}

function momentLabel(word: string): string {
  const moment = word.startsWith("now") ? Number.NaN : Date.parse(word);
  return Number.isNaN(moment) ? word : dateTime(moment);
}

const DATE_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** A moment in the reader's own time zone, 24-hour clock. */
export function dateTime(moment: number): string {
  return DATE_TIME.format(moment);
}

/** The time of day alone. */
export function timeOfDay(moment: number): string {
  return TIME.format(moment);
}

/** What a `datetime-local` input holds for a moment: local time without zone. */
export function inputFromMoment(moment: number): string {
  const local = new Date(moment - new Date(moment).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** ISO 8601 in UTC, to the second. */
export function isoFromMoment(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}
