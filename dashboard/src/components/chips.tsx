import { clausesOf, filterWithout } from "../clauses";
import { show, view } from "../view";
import { Icon } from "./icon";

/** The filter's clauses, each to be taken away with one press. */
export function Chips() {
  const { filter } = view.value;
  const clauses = clausesOf(filter);
  if (clauses.length === 0) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {clauses.map((clause) => (
        <li key={clause} class="chip">
          <code>{clause}</code>
          <button
            type="button"
            aria-label={`Remove filter ${clause}`}
            onClick={() => show({ filter: filterWithout(filter, clause) })}
          >
            <Icon name="close" />
          </button>
        </li>
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
