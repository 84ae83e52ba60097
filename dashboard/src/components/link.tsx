import type { ComponentChildren } from "preact";

import { addressFromView, show, view, viewAfter, type View } from "../view";

interface Properties {
  to: Partial<View>;
  class?: string;
  label?: string;
  title?: string;
  isCurrent?: boolean;
  children: ComponentChildren;
}

/** A way to another page or question. It is a real link, so it can be copied and opened beside this one. */
export function Link({ to, label, title, isCurrent, children, ...rest }: Properties) {
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(to);
  };
  return (
    <a
      {...rest}
      href={addressFromView(viewAfter(view.value, to))}
      aria-label={label}
      title={title}
      aria-current={isCurrent ? "page" : undefined}
      onClick={onClick}
    >
      {children}
    </a>
  );
}
