import { count } from "../units";
import { show, view } from "../view";

interface Properties {
  /** How many rows this page shows, and how many there are of all. */
  shown: number;
  total: number;
  next: string | null;
}

/** Where in a long list one is, and the way on; back is the browser's own way, and to the beginning. */
export function Pager({ shown, total, next }: Properties) {
  const isFirst = view.value.cursor === "";
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages of this list">
      <span class="muted">
        {isFirst ? "The first" : next === null ? "The last" : "Another"} {count(shown)} of {count(total)}
      </span>
      {!isFirst && (
        <button type="button" class="button" onClick={() => turn("")}>
          First page
        </button>
      )}
      {next !== null && (
        <button type="button" class="button" onClick={() => turn(next)}>
          Next page
        </button>
      )}
    </nav>
  );
}

function turn(cursor: string): void {
  show({ cursor });
  scrollTo(0, 0);
}
