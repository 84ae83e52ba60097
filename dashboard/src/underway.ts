/** Questions under way, all of them and those a person waits for: refreshes are not. */

import { effect, signal } from "@preact/signals";

export const underway = signal(0);
export const waiting = signal(0);

/** When the answers were given that stand on the page until newer ones come, in milliseconds since 1970. */
export const givenBefore = signal<readonly number[]>([]);

/** Show that an answer of `moment` stands in for a newer one; the result takes that back. */
export function standIn(moment: number): () => void {
  givenBefore.value = [...givenBefore.peek(), moment];
  return () => {
    const rest = [...givenBefore.peek()];
    rest.splice(rest.indexOf(moment), 1);
    givenBefore.value = rest;
  };
}

/** Charts whose code is on its way: it comes before answers that only replace others. */
export const undrawn = signal(0);

/** Longer than this, what one person waits for holds up nothing else. */
const MOST_QUIET_MILLISECONDS = 2000;

/** Wait until no person waits any more, for answers or their picture, but not for long. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, MOST_QUIET_MILLISECONDS);
    const stopListening = effect(() => {
      if (waiting.value > 0 || undrawn.value > 0) return;
      resolve();
      queueMicrotask(() => stopListening());
    });
  });
}

/** Counts up when the person has waited enough; questions under way give up. */
export const cancelled = signal(0);
