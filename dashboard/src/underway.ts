/** Questions under way, all of them and those a person waits for: refreshes are not. */

import { signal } from "@preact/signals";

export const underway = signal(0);
export const waiting = signal(0);

/** Counts up when the person has waited enough; questions under way give up. */
export const cancelled = signal(0);
