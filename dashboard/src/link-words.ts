/** How full a link is, and how far its flows can be believed, in words. */

import type { LinkRow } from "./rows/link";
import { percent } from "./units";

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

/** What flows tell of the bytes an interface counted, of the direction they tell less of; null where not counted. */
export function coverage(link: LinkRow): number | null {
  const known = [link.coverage_in, link.coverage_out].filter((share) => share !== null);
  return known.length > 0 ? Math.min(...known) : null;
}

/** Parts of both directions, of one where the other is not known. */
export function bothWays(incoming: number | null, outgoing: number | null): string {
  return sides(incoming === null ? "" : percent(incoming), outgoing === null ? "" : percent(outgoing));
}

/** What the coverage would be if flows told of every packet; empty where packets were not counted. */
export function expectedCoverage(link: LinkRow): string {
  return sides(
    between(link.expected_in_low, link.expected_in_high),
    between(link.expected_out_low, link.expected_out_high),
  );
}

function between(low: number | null, high: number | null): string {
  if (low === null || high === null) return "";
  const [from, to] = [percent(low), percent(high)];
  return from === to ? to : `${from.replace(" %", "")} to ${to}`;
}

function sides(incoming: string, outgoing: string): string {
  return [incoming && `${incoming} in`, outgoing && `${outgoing} out`].filter(Boolean).join(", ");
}
