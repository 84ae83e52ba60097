import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { closeMenu, menu, type Menu as Open, type MenuItem } from "../menu";

const GAP = 4;
const MOVES: Record<string, (at: number, length: number) => number> = {
  ArrowDown: (at, length) => (at + 1) % length,
  ArrowUp: (at, length) => (at - 1 + length) % length,
  Home: () => 0,
  End: (_, length) => length - 1,
};

/** The menu that is open, if one is. */
export function Menu() {
  return menu.value && <OpenMenu key={menu.value.label} {...menu.value} />;
}

function OpenMenu({ label, items, anchor }: Open) {
  const list = useRef<HTMLDivElement>(null);
  const [corner, setCorner] = useState({ left: 0, top: 0 });

  useLayoutEffect(() => {
    if (list.current) setCorner(cornerBeside(anchor, list.current));
    entries(list.current)[0]?.focus();
  }, [anchor]);

  useEffect(() => {
    const closeOutside = (event: Event): void => {
      const isInside = event.target instanceof Node && list.current?.contains(event.target);
      const isAnchor = event.target instanceof Node && anchor.contains(event.target);
      if (!isInside && !isAnchor) closeMenu(true);
    };
    const closeOnScroll = (): void => closeMenu(true);
    addEventListener("pointerdown", closeOutside);
    addEventListener("resize", closeOnScroll);
    addEventListener("scroll", closeOnScroll, true);
    return () => {
      removeEventListener("pointerdown", closeOutside);
      removeEventListener("resize", closeOnScroll);
      removeEventListener("scroll", closeOnScroll, true);
    };
  }, [anchor]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = entries(list.current);
    const move = MOVES[event.key];
    if (event.key === "Escape" || event.key === "Tab") closeMenu();
    else if (move) all[move(all.indexOf(document.activeElement as HTMLElement), all.length)]?.focus();
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={list}
      class="menu"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      style={{ left: `${corner.left}px`, top: `${corner.top}px` }}
      onKeyDown={onKeyDown}
    >
      {items.map((item) => (
        <Item key={item.label} {...item} />
      ))}
    </div>
  );
}

function Item({ label, hint, href, run }: MenuItem) {
  const press = (): void => {
    closeMenu();
    run?.();
  };
  const words = (
    <>
      <span>{label}</span>
      {hint && <code>{hint}</code>}
    </>
  );
  return href ? (
    <a role="menuitem" tabIndex={-1} href={href} download onClick={press}>
      {words}
    </a>
  ) : (
    <button role="menuitem" type="button" tabIndex={-1} onClick={press}>
      {words}
    </button>
  );
}

function entries(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
}

/** Below the anchor, its start at the anchor's; moved in where that would leave the window. */
function cornerBeside(anchor: HTMLElement, list: HTMLElement): { left: number; top: number } {
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const isBelow = bottom + GAP + list.offsetHeight <= innerHeight;
  return {
    left: Math.max(GAP, Math.min(left, innerWidth - list.offsetWidth - GAP)),
    top: isBelow ? bottom + GAP : Math.max(GAP, top - GAP - list.offsetHeight),
  };
}
