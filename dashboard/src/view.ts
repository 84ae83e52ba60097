/** The view: what the page shows, written in its URL so that a link is the whole state. */

import { signal } from "@preact/signals";

export const SPLITS = ["protocol", "src_addr", "exporter"] as const;
export const TOPS = ["addr", "src_addr", "dst_addr", "dst_port"] as const;

export type Split = (typeof SPLITS)[number];
export type Top = (typeof TOPS)[number];

export interface View {
  filter: string;
  from: string;
  to: string;
  by: Split;
  top: Top;
}

const URL_VERSION = "1";
export const FIRST_VIEW: View = { filter: "", from: "now-15m", to: "now", by: "protocol", top: "addr" };

/** Read a view from the URL; what is missing or unknown is as in the first view. */
export function viewFromSearch(search: string): View {
  const words = new URLSearchParams(search);
  return {
    filter: words.get("q") ?? FIRST_VIEW.filter,
    from: words.get("from") || FIRST_VIEW.from,
    to: words.get("to") || FIRST_VIEW.to,
    by: oneOf(SPLITS, words.get("by")) ?? FIRST_VIEW.by,
    top: oneOf(TOPS, words.get("top")) ?? FIRST_VIEW.top,
  };
}

/** Write a view so that a person can read and edit it; what is as in the first view is left out, but for the range. */
export function searchFromView(view: View): string {
  const words: [string, string][] = [
    ["v", URL_VERSION],
    ["q", view.filter],
    ["from", view.from],
    ["to", view.to],
    ["by", view.by === FIRST_VIEW.by ? "" : view.by],
    ["top", view.top === FIRST_VIEW.top ? "" : view.top],
  ];
  const written = words.filter(([, text]) => text !== "").map(([name, text]) => `${name}=${readable(text)}`);
  return `?${written.join("&")}`;
}

function oneOf<Word extends string>(words: readonly Word[], text: string | null): Word | undefined {
  return words.find((word) => word === text);
}

// Legal in a query string as they are, and far easier on the eye.
const LEGIBLE: Record<string, string> = { "%20": "+", "%2F": "/", "%3A": ":", "%2C": ",", "%3D": "=" };

function readable(text: string): string {
  return encodeURIComponent(text).replaceAll(/%20|%2F|%3A|%2C|%3D/g, (code) => LEGIBLE[code] ?? code);
}

export const view = signal<View>(FIRST_VIEW);

/** Change the view and put it into the address bar, one step back in the browser's history away. */
export function show(change: Partial<View>): void {
  const next = { ...view.peek(), ...change };
  const search = searchFromView(next);
  if (search !== location.search) history.pushState(null, "", search);
  view.value = next;
}

/** Follow the address bar, now and whenever the reader goes back or forth. */
export function followAddress(): void {
  addEventListener("popstate", readAddress);
  readAddress();
}

function readAddress(): void {
  view.value = viewFromSearch(location.search);
}
