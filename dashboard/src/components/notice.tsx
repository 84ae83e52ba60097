import type { ComponentChildren } from "preact";

interface Properties {
  title: string;
  children?: ComponentChildren;
  action?: { label: string; run: () => void } | null;
}

/** What a panel says when it has nothing to show: which of the reasons it is, and what to do. */
export function Notice({ title, children, action }: Properties) {
  return (
    <div class="notice">
      <p class="notice-title">{title}</p>
      {children && <p class="notice-text">{children}</p>}
      {action && (
        <button type="button" class="button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
