/** Keys that work anywhere on the page, unless something is being typed. */

export interface Key {
  key: string;
  does: string;
  run: () => void;
}

/** Run the key's deed; typing, and keys held with Ctrl, Alt or Meta, belong to the browser. */
export function listenToKeys(keys: readonly Key[]): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    const key = keys.find((candidate) => candidate.key === event.key);
    if (!key) return;
    event.preventDefault();
    key.run();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
}
