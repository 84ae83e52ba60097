/** A pin: who or what an address was, said by a person; it goes before whatever else says. */

import { send } from "./ask";
import { isoFromMoment } from "./moment";
import { momentFromWall } from "./zone";

export interface Pin {
  address: string;
  name: string;
  is_machine: boolean;
  since?: string;
  until?: string;
}

/** Put a pin together from what a form holds: the two ends as a wall clock in a zone, empty for none. */
export function pinFrom(
  address: string,
  form: { name: string; isMachine: boolean; from: string; until: string },
  zone: string,
): Pin {
  const instant = (wall: string): string => isoFromMoment(momentFromWall(wall, zone));
  return {
    address,
    name: form.name.trim(),
    is_machine: form.isMachine,
    ...(form.from && { since: instant(form.from) }),
    ...(form.until && { until: instant(form.until) }),
  };
}

/** Have it written down. Throws ProblemError. */
export async function writePin(pin: Pin): Promise<void> {
  await send("/api/v1/names/pin", "POST", pin);
}

/** The same said in a terminal. */
export function pinCommand({ address, name, is_machine: isMachine, since, until }: Pin): string {
  const words = ["tidegauge names pin", address, `'${name.replaceAll("'", `'\\''`)}'`];
  if (isMachine) words.push("--machine");
  if (since) words.push("--since", since);
  if (until) words.push("--until", until);
  return words.join(" ");
}
