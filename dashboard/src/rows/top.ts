/** A row of `top`: the fields it was grouped by, and what was counted. */
export interface TopRow {
  bytes: number;
  packets: number;
  flows: number;
  bytes_up?: number;
  bytes_down?: number;
  /** In the period compared with; null where nothing was seen then. */
  bytes_before?: number | null;
  first_seen?: string | null;
  last_seen?: string | null;
  /** What the reader chose to group by: text, a number, or null where it is not known. */
  [field: string]: string | number | null | undefined;
}
