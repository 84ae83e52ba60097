/** Muting: findings that somebody has looked at and wants to see no more of. What is muted is counted all the same. */

import { signal } from "@preact/signals";

import { send } from "./ask";
import type { MenuItem } from "./menu";
import { ProblemError } from "./problem-error";
import type { AlertRow } from "./rows/alert";
import { say } from "./toast";

/** What a mute hides: all that is told must fit. Without `until` it hides for good. */
export interface MuteScope {
  finding?: string;
  detector?: string;
  about?: string;
  until?: string;
}

/** Counts up with each mute that was made or lifted here, so that what depends on them is asked again. */
export const muteChanges = signal(0);

const MUTES = "/api/v1/mutes";
const DAY = 86_400_000;

/** The menu of a finding: how much of its like to see no more of, and for how long. */
export function muteItems(alert: AlertRow, now: number): MenuItem[] {
  const { fingerprint: finding, detector, actor } = alert;
  const choices: [string, MuteScope][] = [
    ["This finding, for a day", { finding, until: after(now, 1) }],
    ["This finding, for good", { finding }],
    [`“${alert.title}” by ${actor}, for a week`, { detector, about: actor, until: after(now, 7) }],
    [`All about ${actor}, for a week`, { about: actor, until: after(now, 7) }],
    [`“${alert.title}” by anybody, for a day`, { detector, until: after(now, 1) }],
  ];
  return choices.map(([label, scope]) => ({ label, run: () => void mute(scope) }));
}

/** Hide what a scope fits. */
export function mute(scope: MuteScope): Promise<void> {
  const made = send(MUTES, "POST", { ...scope, reason: "muted on the page" });
  return told(made, "Muted", "It is counted under the list, and can be told again there.");
}

/** Show again what a mute hid. */
export function unmute(id: string): Promise<void> {
  return told(send(`${MUTES}/${id}`, "DELETE"), "Told again", "What this mute hid is back.");
}

async function told(change: Promise<void>, title: string, text: string): Promise<void> {
  try {
    await change;
    say(title, text);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    say("Nothing was changed", error.problem.detail);
  }
  muteChanges.value += 1;
}

function after(now: number, days: number): string {
  return new Date(now + days * DAY).toISOString();
}
