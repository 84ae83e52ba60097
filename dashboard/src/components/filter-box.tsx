import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

import { filterProblem } from "../use-answer";
import { show, view } from "../view";
import { Icon } from "./icon";

/** The filter as text. Enter applies it; what the server cannot read is shown with a caret under the column. */
export function FilterBox({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const applied = view.value.filter;
  const [draft, setDraft] = useState(applied);
  useEffect(() => setDraft(applied), [applied]);
  const problem = draft === applied ? filterProblem.value : null;

  const submit = (event: Event): void => {
    event.preventDefault();
    show({ filter: draft.trim() });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    setDraft(applied);
    input.current?.blur();
  };

  return (
    <form class="filter" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        value={draft}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        aria-label="Filter"
        aria-invalid={problem !== null}
        aria-describedby={problem ? "filter-problem" : undefined}
        placeholder="Filter: src net 10.0.0.0/8 and dst port 443"
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {draft !== applied ? <kbd class="filter-key">Enter</kbd> : <kbd class="filter-key">/</kbd>}
      {problem && (
        <div id="filter-problem" class="filter-problem" role="alert">
          {problem.position !== undefined && (
            <pre>
              {applied}
              {"\n"}
              {" ".repeat(problem.position - 1)}^
            </pre>
          )}
          <p>{problem.detail}</p>
        </div>
      )}
    </form>
  );
}
