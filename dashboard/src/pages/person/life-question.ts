/** The question behind a timeline: whose life, which kinds of rows of it, and how many. */

import { equals } from "../../clauses";

export const KINDS = ["flow", "dns", "name", "nat", "finding"] as const;
export type Kind = (typeof KINDS)[number];

const NAMES: Record<Kind, { one: string; many: string }> = {
  flow: { one: "flow", many: "Flows" },
  dns: { one: "DNS", many: "DNS" },
  name: { one: "name", many: "Names" },
  nat: { one: "NAT", many: "NAT" },
  finding: { one: "finding", many: "Findings" },
};

/** How many rows at first and with each press, and the most that a page is good for. */
const STRIDE = 100;
const MOST = 1000;

/** What all rows of a kind are called. */
export function kindName(kind: Kind): string {
  return NAMES[kind].many;
}

/** What one row of a kind is called. */
export function kindWord(kind: Kind): string {
  return NAMES[kind].one;
}

/** The filter: the address stands first, for it is whom the timeline is about whatever else is named after. */
export function lifeFilter(address: string, user: string | undefined, filter: string): string {
  const clauses = [equals("addr", address)];
  if (user !== undefined) clauses.push(equals("user", user));
  if (filter !== "") clauses.push(`(${filter})`);
  return clauses.join(" and ");
}

/** How many rows the address in the address bar asks for, within what makes sense. */
export function shownRows(shown: string): number {
  const wanted = Number.parseInt(shown, 10);
  return Number.isNaN(wanted) ? STRIDE : Math.min(MOST, Math.max(STRIDE, wanted));
}

/** How many rows to ask for next; null where all are here or enough is enough. */
export function rowsAfter(wanted: number, found: number): number | null {
  return found < wanted || wanted >= MOST ? null : Math.min(MOST, wanted + STRIDE);
}
