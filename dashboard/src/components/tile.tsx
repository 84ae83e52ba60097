import type { ComponentChildren } from "preact";

import type { View } from "../view";
import { Link } from "./link";
import { Mark, type Level } from "./mark";

interface Properties {
  name: string;
  value: string | null;
  note?: ComponentChildren;
  level?: Level | null;
  /** Where more about it is found. */
  to?: Partial<View>;
}

/** One number that matters, with what it means below. A null value is still on its way. */
export function Tile({ name, value, note, level = null, to }: Properties) {
  const shown = <span class={value === null ? "tile-value waiting" : "tile-value"}>{value ?? "–"}</span>;
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        {to ? (
          <Link to={to} class="tile-link" title={`More about ${name.toLowerCase()}`}>
            {shown}
          </Link>
        ) : (
          shown
        )}
        <span class="tile-note">
          {level && <Mark level={level} />}
          {note}
        </span>
      </dd>
    </div>
  );
}
