/** Keys that work anywhere on the page, unless something is being typed. */

export interface Key {
  /** One key, or two pressed one after the other: `g o`. */
  key: string;
  does: string;
  run: () => void;
}

const PATIENCE_MILLISECONDS = 1500;

/** Run the key's deed; typing, and keys held with Ctrl, Alt or Meta, belong to the browser. */
export function listenToKeys(keys: readonly Key[]): () => void {
  let before = { key: "", at: 0 };
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isTaken(event.target)) return;
    const isSoon = event.timeStamp - before.at < PATIENCE_MILLISECONDS;
    const pressed = isSoon ? `${before.key} ${event.key}` : event.key;
    before = { key: event.key, at: event.timeStamp };
    const key = keys.find((one) => one.key === pressed) ?? keys.find((one) => one.key === event.key);
    if (!key) return;
    event.preventDefault();
    before = { key: "", at: 0 };
    key.run();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches("input, select, textarea, [contenteditable]") ||
      target.closest("dialog, [role=menu]") !== null)
  );
}
