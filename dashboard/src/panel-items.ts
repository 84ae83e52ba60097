/** The menu of a panel: its own answer elsewhere, as a file, an address or a command. */

import { commandFrom } from "./cli-command";
import { copyText } from "./copy-text";
import type { MenuItem } from "./menu";
import { queryString, type Parameters, type Resource } from "./questions";

const FILES = [
  ["csv", "CSV"],
  ["json", "JSON"],
  ["arrow", "Arrow"],
  ["parquet", "Parquet"],
] as const;

/** What `…` offers for a question. */
export function panelItems(resource: Resource, parameters: Parameters): MenuItem[] {
  const words = queryString(parameters);
  return [
    ...FILES.map(([suffix, name]) => ({
      label: `Save as ${name}`,
      href: `/api/v1/${resource}.${suffix}?${words}`,
    })),
    { label: "Copy API address", run: () => copyText(`${location.origin}/api/v1/${resource}?${words}`) },
    { label: "Copy command", run: () => copyText(commandFrom(resource, parameters)) },
    { label: "Copy link to this page", run: () => copyText(location.href) },
  ];
}
