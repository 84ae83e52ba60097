/** What the server tells by itself: that rows came, and how fast traffic arrives. */

import { computed, effect, signal } from "@preact/signals";

import { stepSeconds } from "./time-range";
import { underway } from "./underway";
import { view } from "./view";

export interface Overview {
  bits_per_second: number;
  packets_per_second: number;
  flows_per_second: number;
  window_seconds: number;
  flows: number;
  first_seen: string | null;
  last_seen: string | null;
  last_received: string | null;
}

export interface Beat {
  time: string;
  generation: number;
  changed: { flows: boolean; options: boolean; ledger: boolean };
  overview: Overview;
}

export type Connection = "connecting" | "open" | "lost";

export const connection = signal<Connection>("connecting");
export const beat = signal<Beat | null>(null);
export const isPaused = signal(false);

/** What the server said when it was first listened to. */
const firstTime = signal<string | null>(null);
const time = computed(() => beat.value?.time ?? firstTime.value);

/** Whether the server has told its time. */
export const isTimeTold = computed(() => time.value !== null);

/** The server's present, in milliseconds since 1970: a browser's own clock may be wrong, or the lake a past one. */
export function now(): number {
  return time.value === null ? Date.now() : Date.parse(time.value);
}

/** Whether the range shown ends now, so that new flows belong into it. */
export const isOpenEnded = computed(() => view.value.until === "now");
export const isLive = computed(() => isOpenEnded.value && !isPaused.value && connection.value === "open");

/** Counts up whenever the page should ask again. */
export const refresh = signal(0);

/** Have every question asked again at once: each goes along with at least one refresh in so many. */
export function askAgain(): void {
  refresh.value += SLOWEST_PACE;
}

const SLOWEST_PACE = 10;

/** Often enough to feel alive, seldom enough to read. */
const QUICKEST_MILLISECONDS = 3000;
const SLOWEST_MILLISECONDS = 60_000;

let lastRefresh = 0;
let hasNews = false;

let source: EventSource | null = null;

/**
 * Listen to the server while the page is looked at. A browser keeps six connections to one server, so a
 * seventh tab would wait for ever if those in the background held theirs.
 */
export function listen(): void {
  document.addEventListener("visibilitychange", listenWhileSeen);
  listenWhileSeen();
  setInterval(refreshWhenDue, 500);
  effect(() => {
    if (!isPaused.value) lastRefresh = 0;
  });
}

function listenWhileSeen(): void {
  source?.close();
  source = document.hidden ? null : opened();
}

function opened(): EventSource {
  const stream = new EventSource("/api/v1/stream");
  stream.addEventListener("open", () => {
    connection.value = "open";
  });
  stream.addEventListener("error", () => {
    connection.value = "lost";
  });
  stream.addEventListener("time", (event) => {
    firstTime.value = (JSON.parse(String(event.data)) as { time: string }).time;
  });
  stream.addEventListener("beat", (event) => {
    const next = JSON.parse(String(event.data)) as Beat;
    hasNews ||= next.changed.flows || next.changed.ledger;
    if (!isPaused.peek()) beat.value = next;
  });
  return stream;
}

function refreshWhenDue(): void {
  // A server that needs longer than this to answer is not asked again before it has.
  if (!hasNews || !isLive.peek() || underway.peek() > 0 || document.hidden) return;
  if (performance.now() - lastRefresh < pace()) return;
  lastRefresh = performance.now();
  hasNews = false;
  refresh.value += 1;
}

/** A tenth of a step: a day drawn in quarters of an hour looks the same three seconds later. */
function pace(): number {
  const { since, until } = view.peek();
  const step = stepSeconds(since, until, now()) * 1000;
  return Math.min(SLOWEST_MILLISECONDS, Math.max(QUICKEST_MILLISECONDS, step / 10));
}
