/** How full a link is, in words. */

import type { LinkRow } from "./rows/link";

/** Above this share of the capacity people begin to notice. */
const BUSY = 0.8;
/** Above this one packets begin to be dropped. */
const FULL = 0.9;

/** The 95th percentile of the fuller direction as a part of what it can carry; null where that is not known. */
export function fullest(link: LinkRow): number | null {
  const parts = [part(link.in_p95_bps, link.capacity_in), part(link.out_p95_bps, link.capacity_out)].filter(
    (known) => known !== null,
  );
  return parts.length > 0 ? Math.max(...parts) : null;
}

/** The fullest first; those without a known capacity after them, the busiest first. */
export function worstFirst(links: readonly LinkRow[]): LinkRow[] {
  return links.toSorted(
    (a, b) =>
      (fullest(b) ?? -1) - (fullest(a) ?? -1) ||
      Math.max(b.in_p95_bps, b.out_p95_bps) - Math.max(a.in_p95_bps, a.out_p95_bps),
  );
}

function part(rate: number, capacity: number | null): number | null {
  return capacity ? rate / capacity : null;
}

/** How full: a word beside the colour, for who cannot tell colours apart. */
export function fullness(share: number): "fine" | "busy" | "full" {
  if (share >= FULL) return "full";
  return share >= BUSY ? "busy" : "fine";
}
