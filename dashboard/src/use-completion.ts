import { useEffect, useRef, useState } from "preact/hooks";

import { completionOf, type Completion } from "./completion";

/** Fast typists would otherwise ask at every letter. */
const PAUSE_MILLISECONDS = 120;

export interface Offered {
  completion: Completion | null;
  /** Which candidate Enter would take; none until the reader goes down into the list. */
  active: number | null;
  ask: (filter: string, cursor: number) => void;
  move: (by: number) => void;
  close: () => void;
}

/** The candidates for a filter that is being typed. */
export function useCompletion(): Offered {
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [active, setActive] = useState<number | null>(null);
  const asking = useRef<AbortController | null>(null);
  const close = (): void => {
    asking.current?.abort();
    setCompletion(null);
    setActive(null);
  };
  useEffect(() => close, []);

  const ask = (filter: string, cursor: number): void => {
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    setTimeout(async () => {
      if (controller.signal.aborted) return;
      const found = await completionOf(filter, cursor, controller.signal);
      if (controller.signal.aborted) return;
      setCompletion(found && found.candidates.length > 0 ? found : null);
      setActive(null);
    }, PAUSE_MILLISECONDS);
  };
  const move = (by: number): void => {
    const length = completion?.candidates.length ?? 0;
    if (length > 0) setActive(((active ?? (by > 0 ? -1 : 0)) + by + length) % length);
  };
  return { completion, active, ask, move, close };
}
