/** The view: where the reader is and what is asked there, written in the address so that a link is all of it. */

import { signal } from "@preact/signals";

import { OVERVIEW, pathOf, placeFromPath, titleOf, type Place } from "./place";

/** The question's words are the query object's own, so that an address can be turned into a request by hand. */
export interface View {
  place: Place;
  filter: string;
  since: string;
  until: string;
  /** What to compare with: `previous`, `1d`, `1w`, or nothing. */
  compare: string;
  /** An IANA name; empty is the reader's own zone. */
  time_zone: string;
  /** How this page splits or groups; empty is as the page thinks best. */
  by: string;
  /** What this page's table is sorted by; empty is as the page thinks best. */
  order: string;
  /** Which part of this page is open; empty is its first. */
  part: string;
  /** The kind of rows this page's list is narrowed to; empty is all. */
  kind: string;
  /** How many rows of this page's list are shown; empty is as the page thinks best. */
  shown: string;
  /** Where the page of the list before this one ended; empty is the beginning. */
  cursor: string;
}

export const FIRST_VIEW: View = {
  place: OVERVIEW,
  filter: "",
  since: "now-24h",
  until: "now",
  compare: "",
  time_zone: "",
  by: "",
  order: "",
  part: "",
  kind: "",
  shown: "",
  cursor: "",
};

const WORDS = [
  "filter",
  "since",
  "until",
  "compare",
  "time_zone",
  "by",
  "order",
  "part",
  "kind",
  "shown",
  "cursor",
] as const;
/** What belongs to one page and means nothing on the next. */
const OWN = { by: "", order: "", part: "", kind: "", shown: "" };
/** What the words were called in the first release; links from then still work. */
const FORMER: Partial<Record<string, string>> = { filter: "q", since: "from", until: "to" };

/** Read a view from an address; what is missing is as in the first view. */
export function viewFromAddress(path: string, search: string): View {
  const words = new URLSearchParams(search);
  const read = (name: (typeof WORDS)[number]): string =>
    words.get(name) || words.get(FORMER[name] ?? "") || FIRST_VIEW[name];
  const told = Object.fromEntries(WORDS.map((name) => [name, read(name)]));
  return { ...FIRST_VIEW, ...told, place: placeFromPath(path) };
}

/** Write a view so that a person can read and edit it; what is as in the first view is left out. */
export function addressFromView(view: View): string {
  const written = WORDS.filter((name) => view[name] !== FIRST_VIEW[name]).map(
    (name) => `${name}=${readable(view[name])}`,
  );
  return pathOf(view.place) + (written.length > 0 ? `?${written.join("&")}` : "");
}

// Legal in a query string as they are, and far easier on the eye.
const LEGIBLE: Record<string, string> = { "%20": "+", "%2F": "/", "%3A": ":", "%2C": ",", "%3D": "=" };

function readable(text: string): string {
  return encodeURIComponent(text).replaceAll(/%20|%2F|%3A|%2C|%3D/g, (code) => LEGIBLE[code] ?? code);
}

export const view = signal<View>(FIRST_VIEW);

/**
 * The view after a change. Going elsewhere keeps the question, but not how the last page was sorted; a list
 * asked otherwise begins at its beginning.
 */
export function viewAfter(before: View, change: Partial<View>): View {
  const isElsewhere = change.place !== undefined && pathOf(change.place) !== pathOf(before.place);
  return { ...before, ...(isElsewhere && OWN), cursor: "", ...change };
}

/** Change the view and put it into the address bar, one step back in the browser's history away. */
export function show(change: Partial<View>): void {
  const before = view.peek();
  const next = viewAfter(before, change);
  const address = addressFromView(next);
  if (address !== location.pathname + location.search) history.pushState(null, "", address);
  view.value = next;
  document.title = `${titleOf(next.place)} · tidegauge`;
  if (pathOf(next.place) !== pathOf(before.place)) scrollTo(0, 0);
}

/** Follow the address bar, now and whenever the reader goes back or forth. */
export function followAddress(): void {
  addEventListener("popstate", readAddress);
  readAddress();
}

function readAddress(): void {
  view.value = viewFromAddress(location.pathname, location.search);
  document.title = `${titleOf(view.value.place)} · tidegauge`;
}
