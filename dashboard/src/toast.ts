/** The toast: a short word about what was just done. */

import { signal } from "@preact/signals";

export interface Toast {
  title: string;
  text: string;
}

export const toast = signal<Toast | null>(null);

const LASTING_MILLISECONDS = 6000;
let end: ReturnType<typeof setTimeout> | undefined;

/** Say something for a few seconds. */
export function say(title: string, text: string): void {
  clearTimeout(end);
  toast.value = { title, text };
  end = setTimeout(() => {
    toast.value = null;
  }, LASTING_MILLISECONDS);
}
