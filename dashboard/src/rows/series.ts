/** A row of `series`: a bucket of time, the group, and what was counted in it. */
export interface SeriesRow {
  time: string;
  bytes: number;
  bytes_up?: number;
  bytes_down?: number;
  bytes_estimate?: number;
  [field: string]: string | number | null | undefined;
}
