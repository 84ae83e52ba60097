/** The part of every question that the bar at the top decides. */

import type { Parameters } from "./questions";
import { view } from "./view";
import { zone } from "./zone";

/** Filter, range and zone, as the API wants them. A page that is about somebody adds its own clause. */
export function asked(clause = ""): Parameters {
  const { filter, since, until } = view.value;
  return { filter: joined(filter, clause), since, until, time_zone: zone.value };
}

/** The same with what to compare with, for questions that can. */
export function askedCompared(clause = ""): Parameters {
  const { compare } = view.value;
  return { ...asked(clause), ...(compare && { compare }) };
}

function joined(filter: string, clause: string): string {
  if (filter === "" || clause === "") return filter || clause;
  return `(${filter}) and ${clause}`;
}
