import type { ComponentChildren } from "preact";

import { Mark, type Level } from "./mark";

interface Properties {
  name: string;
  value: string | null;
  note?: ComponentChildren;
  level?: Level | null;
}

/** One number that matters, with what it means below. A null value is still on its way. */
export function Tile({ name, value, note, level = null }: Properties) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class={value === null ? "tile-value waiting" : "tile-value"}>{value ?? "–"}</span>
        <span class="tile-note">
          {level && <Mark level={level} />}
          {note}
        </span>
      </dd>
    </div>
  );
}
