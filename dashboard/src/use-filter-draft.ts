import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

import { completed, type Candidate } from "./completion";
import { useCompletion } from "./use-completion";
import { show, view } from "./view";

/** The filter while it is being written: nothing is asked with it before it is applied. */
export function useFilterDraft(input: RefObject<HTMLInputElement | null>) {
  const applied = view.value.filter;
  const [draft, setDraft] = useState(applied);
  const offered = useCompletion();
  const candidates = offered.completion?.candidates ?? [];
  useEffect(() => setDraft(applied), [applied]);

  const apply = (): void => {
    offered.close();
    show({ filter: draft.trim() });
  };
  const write = (text: string): void => {
    setDraft(text);
    ask(text);
  };
  const ask = (text: string): void => offered.ask(text, input.current?.selectionStart ?? text.length);
  const take = (candidate: Candidate): void => {
    if (!offered.completion) return;
    const { filter, cursor } = completed(draft, offered.completion, candidate);
    setDraft(filter);
    offered.close();
    // Once the new text stands in the input, or the cursor would be put into the old.
    setTimeout(() => input.current?.setSelectionRange(cursor, cursor));
  };
  const leave = (): void => {
    if (candidates.length > 0) return offered.close();
    setDraft(applied);
    input.current?.blur();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = offered.active === null ? undefined : candidates[offered.active];
    if (event.key === "Escape") leave();
    else if (event.key === "ArrowDown" && candidates.length > 0) offered.move(1);
    else if (event.key === "ArrowUp" && candidates.length > 0) offered.move(-1);
    else if (event.key === " " && event.ctrlKey) ask(draft);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
    else return;
    event.preventDefault();
  };

  return {
    applied,
    draft,
    candidates,
    active: offered.active,
    apply,
    write,
    take,
    onKeyDown,
    close: offered.close,
  };
}
