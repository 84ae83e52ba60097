/** What can be done with a value on the page: narrow to it, leave it out, open it, copy it. */

import { differs, equals, filterWith } from "./clauses";
import { copyText } from "./copy-text";
import type { MenuItem } from "./menu";
import { pathOf, type Place } from "./place";
import { show, view } from "./view";

/** Words that mean either end of a flow, and those that mean one: `port`, `src_port`, `dst_port`. */
const SIDED = /^(src_|dst_)?(addr|port|as|mac)$/;

/** What a field can hold; null is what nobody knows. */
export type Value = string | number | null;

/** Show only flows with this value. */
export function narrow(field: string, value: Value): void {
  show({ filter: filterWith(view.peek().filter, equals(field, value)) });
}

/** Show only flows without this value. */
export function leaveOut(field: string, value: Value): void {
  show({ filter: filterWith(view.peek().filter, differs(field, value)) });
}

/** The menu of a value. */
export function valueItems(field: string, value: Value): MenuItem[] {
  const either = SIDED.exec(field)?.[2];
  const place = placeOf(field, value);
  return [
    { label: "Only this", hint: equals(field, value), run: () => narrow(field, value) },
    { label: "Without this", hint: differs(field, value), run: () => leaveOut(field, value) },
    ...(either && value !== null
      ? [
          { label: "As source", run: () => narrow(`src_${either}`, value) },
          { label: "As destination", run: () => narrow(`dst_${either}`, value) },
          { label: "As either end", run: () => narrow(either, value) },
        ]
      : []),
    ...(place ? [{ label: "Open its page", hint: pathOf(place), run: () => show({ place }) }] : []),
    ...(value === null ? [] : [{ label: "Copy", run: () => copyText(String(value)) }]),
  ];
}

/** The page of a value, if it has one. */
export function placeOf(field: string, value: Value): Place | null {
  if (value === null) return null;
  if (field === "user") return { page: "user", name: String(value) };
  if (/^(|src_|dst_|next_)(addr|hop)$/.test(field)) return { page: "host", address: String(value) };
  return null;
}
