/** Buckets of time, as the server cut them. */

/**
 * The starts of all buckets of a range, so that silence shows as silence.
 * They are counted from one that the server named, since it alone knows where it aligned them.
 */
export function bucketTimes(named: string | undefined, step: number, since: number, until: number): number[] {
  const known = named ? Date.parse(named) : since;
  const first = known - Math.ceil((known - since) / step) * step;
  const length = Math.max(1, Math.ceil((until - first) / step));
  return Array.from({ length }, (_, index) => first + index * step);
}

/** The bucket a moment falls into. */
export function bucketOf(moment: number, times: readonly number[], step: number): number {
  return Math.floor((moment - (times[0] ?? 0)) / step);
}
