import { offsetPlace } from "../../clock-words";
import type { ClockRow } from "../../rows/clock";

/** Where the truth can lie, about the middle where a clock is right; the words beside it say the same. */
export function OffsetBar({ row }: { row: ClockRow }) {
  if (row.offset_low === null && row.offset_high === null) return null;
  const sides = [row.offset_low ?? -Infinity, row.offset_high ?? Infinity].map(offsetPlace);
  const [left, right] = [Math.min(...sides), Math.max(...sides)];
  const middle = row.offset_seconds === null ? null : offsetPlace(row.offset_seconds);
  return (
    <svg class="offset-bar" viewBox="0 0 160 14" preserveAspectRatio="none" aria-hidden="true">
      <line class="offset-ground" x1="0" x2="160" y1="7" y2="7" />
      <line class="offset-zero" x1="80" x2="80" y1="0" y2="14" />
      <rect class="offset-bound" x={left} width={Math.max(2, right - left)} y="4" height="6" rx="2" />
      {middle !== null && <rect class="offset-middle" x={middle - 1.5} width="3" y="1" height="12" rx="1" />}
    </svg>
  );
}
