import type { ComponentChildren } from "preact";

import { equals, filterWith } from "../clauses";
import { show, view } from "../view";

interface Properties {
  field: string;
  value: string | number;
  children?: ComponentChildren;
}

/** A value that narrows the page to itself when pressed. */
export function ValueButton({ field, value, children }: Properties) {
  const clause = equals(field, value);
  return (
    <button
      type="button"
      class="value"
      title={`Show only ${clause}`}
      onClick={() => show({ filter: filterWith(view.value.filter, clause) })}
    >
      {children ?? value}
    </button>
  );
}
