/** How much a number changed against the period compared with. */

/** `+12 %`, `−40 %`, `×3.1` from twice on, `new` where there was nothing. */
export function changeWords(now: number, before: number): string {
  if (before === 0) return now === 0 ? "none" : "new";
  const ratio = now / before;
  if (ratio >= 2) return `×${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return "same";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
}
