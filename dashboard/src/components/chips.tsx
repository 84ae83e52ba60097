import { useEffect, useRef, useState } from "preact/hooks";

import { clausesOf, filterReplacing, filterWithout } from "../clauses";
import { show, view } from "../view";
import { Icon } from "./icon";

/** The filter's clauses: each can be rewritten in place, or taken away with one press. */
export function Chips() {
  const { filter } = view.value;
  const clauses = clausesOf(filter);
  if (clauses.length === 0) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {clauses.map((clause) => (
        <Chip key={clause} clause={clause} />
      ))}
      {clauses.length > 1 && (
        <li>
          <button type="button" class="link" onClick={() => show({ filter: "" })}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

function Chip({ clause }: { clause: string }) {
  const [isEdited, setEdited] = useState(false);
  if (isEdited) return <EditedChip clause={clause} onDone={() => setEdited(false)} />;
  return (
    <li class="chip">
      <button type="button" class="chip-text" title="Change this filter" onClick={() => setEdited(true)}>
        <code>{clause}</code>
      </button>
      <button
        type="button"
        class="chip-close"
        aria-label={`Remove filter ${clause}`}
        onClick={() => show({ filter: filterWithout(view.peek().filter, clause) })}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

function EditedChip({ clause, onDone }: { clause: string; onDone: () => void }) {
  const [draft, setDraft] = useState(clause);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    onDone();
    show({ filter: filterReplacing(view.peek().filter, clause, draft) });
  };
  return (
    <li class="chip">
      <form onSubmit={submit}>
        <input
          ref={input}
          type="text"
          value={draft}
          size={Math.max(8, draft.length + 1)}
          spellcheck={false}
          autocomplete="off"
          aria-label={`Change filter ${clause}`}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && onDone()}
          onBlur={onDone}
        />
      </form>
    </li>
  );
}
