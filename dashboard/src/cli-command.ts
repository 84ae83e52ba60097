/** The command that asks what the page asks, for whoever would rather have it in a terminal. */

import type { Parameters, Resource } from "./questions";

const OPTIONS = ["since", "until", "time_zone", "step", "metrics", "compare", "order", "direction", "having"];

/** `tidegauge top user --since now-24h 'dst port 443'`. */
export function commandFrom(resource: Resource, parameters: Parameters): string {
  const words = ["tidegauge", resource.replace("_", " ")];
  const { by, top, filter } = parameters;
  if (by && resource === "top") words.push(quoted(String(by)));
  if (by && resource !== "top") words.push("--by", quoted(String(by)));
  for (const name of OPTIONS) {
    const value = parameters[name];
    if (value !== undefined && value !== "") {
      words.push(`--${name.replaceAll("_", "-")}`, quoted(String(value)));
    }
  }
  if (top !== undefined) words.push("--limit", String(top));
  if (filter) words.push(quoted(String(filter)));
  return words.join(" ");
}

function quoted(text: string): string {
  return /^[\w.,:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
