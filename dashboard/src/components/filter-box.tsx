import type { RefObject } from "preact";

import type { Problem } from "../answer";
import { filterProblem } from "../use-answer";
import { useFilterDraft } from "../use-filter-draft";
import { Candidates } from "./candidates";
import { Icon } from "./icon";

const LIST = "filter-completions";

/** The filter as text. Enter applies it; what the server cannot read is shown with a caret under the column. */
export function FilterBox({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { applied, draft, candidates, active, apply, write, take, onKeyDown, close } = useFilterDraft(input);
  const problem = draft === applied ? filterProblem.value : null;
  const submit = (event: Event): void => {
    event.preventDefault();
    apply();
  };

  return (
    <form class="filter" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        value={draft}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        aria-label="Filter"
        aria-autocomplete="list"
        aria-expanded={candidates.length > 0}
        aria-controls={LIST}
        aria-activedescendant={active === null ? undefined : `${LIST}-${active}`}
        aria-invalid={problem !== null}
        aria-describedby={problem ? "filter-problem" : undefined}
        placeholder="Filter: src net 10.0.0.0/8 and dst port 443"
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {draft !== applied ? <kbd class="filter-key">Enter</kbd> : <kbd class="filter-key">/</kbd>}
      {candidates.length > 0 && (
        <Candidates id={LIST} candidates={candidates} active={active} onTake={take} />
      )}
      {problem && candidates.length === 0 && <FilterProblem filter={applied} problem={problem} />}
    </form>
  );
}

function FilterProblem({ filter, problem }: { filter: string; problem: Problem }) {
  return (
    <div id="filter-problem" class="filter-problem" role="alert">
      {problem.position !== undefined && (
        <pre>
          {filter}
          {"\n"}
          {" ".repeat(problem.position - 1)}^
        </pre>
      )}
      <p>{problem.detail}</p>
      {problem.suggestion && <p class="muted">Did you mean {problem.suggestion}?</p>}
    </div>
  );
}
