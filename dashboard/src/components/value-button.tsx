import type { ComponentChildren } from "preact";

import { differs, equals } from "../clauses";
import { openMenu } from "../menu";
import { UNKNOWN_KEY, valueName } from "../names";
import { leaveOut, narrow, placeOf, valueItems, type Value } from "../value-actions";
import { Icon } from "./icon";
import { Link } from "./link";

interface Properties {
  field: string;
  /** Null is a value too: that nobody knows it. */
  value: Value;
  children?: ComponentChildren;
}

/**
 * A value that narrows the page to itself when pressed, and leaves itself out when pressed with Alt.
 * All else it can do is in its menu: by the arrow beside it, a right click or the down key.
 */
export function ValueButton({ field, value, children }: Properties) {
  const name = valueName(field, value === null ? UNKNOWN_KEY : String(value));
  const place = placeOf(field, value);
  const openBeside = (anchor: HTMLElement): void => openMenu(anchor, name, valueItems(field, value));
  const onClick = (event: MouseEvent): void => {
    if (event.altKey) leaveOut(field, value);
    else narrow(field, value);
  };
  const onContextMenu = (event: MouseEvent & { currentTarget: HTMLElement }): void => {
    event.preventDefault();
    openBeside(event.currentTarget);
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    openBeside(event.currentTarget);
  };
  return (
    <span class="value-group">
      <button
        type="button"
        class="value"
        title={`Show only ${equals(field, value)}\nAlt: ${differs(field, value)}`}
        aria-haspopup="menu"
        onClick={onClick}
        onContextMenu={onContextMenu}
        onKeyDown={onKeyDown}
      >
        {children ?? name}
      </button>
      {place && (
        <Link
          class="open"
          to={{ place }}
          label={`Open the page of ${name}`}
          title={`Open the page of ${name}`}
        >
          <Icon name="open" />
        </Link>
      )}
      <button
        type="button"
        class="more"
        tabIndex={-1}
        aria-label={`More about ${name}`}
        onClick={(event) => openBeside(event.currentTarget)}
      >
        <Icon name="down" />
      </button>
    </span>
  );
}
