/** The menu: one at a time, opened by whatever has one, beside the thing it belongs to. */

import { signal } from "@preact/signals";

export interface MenuItem {
  label: string;
  /** What it comes to, in small print. */
  hint?: string;
  run?: () => void;
  /** A file to save, or a page elsewhere. */
  href?: string;
}

export interface Menu {
  label: string;
  items: MenuItem[];
  /** What the menu belongs to: it opens beside it, and gives the focus back to it. */
  anchor: HTMLElement;
}

export const menu = signal<Menu | null>(null);

/** Open a menu beside an element, or close it when it is the one that is open. */
export function openMenu(anchor: HTMLElement, label: string, items: MenuItem[]): void {
  menu.value = menu.peek()?.anchor === anchor ? null : { anchor, label, items };
}

/** Close the menu; the focus goes back to what it belongs to, unless a press elsewhere closed it. */
export function closeMenu(isFocusKept = false): void {
  const { anchor } = menu.peek() ?? {};
  menu.value = null;
  if (!isFocusKept) anchor?.focus();
}
