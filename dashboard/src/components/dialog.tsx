import type { ComponentChildren, RefObject } from "preact";

import { Icon } from "./icon";

interface Properties {
  dialog: RefObject<HTMLDialogElement | null>;
  id: string;
  title: string;
  children: ComponentChildren;
}

/** A window in the window, closed by its cross, Escape, or a press beside it. */
export function Dialog({ dialog, id, title, children }: Properties) {
  return (
    <dialog ref={dialog} class="help" aria-labelledby={id} closedby="any">
      <div class="help-body">
        <header class="panel-head">
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            class="icon-button"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
