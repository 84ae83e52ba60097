/** Answers and problems as the HTTP API sends them. */

export interface Completeness {
  fraction: number;
  lost_records: number;
  /** What to add to those and to take away, so that the truth lies between, 95 times in 100. */
  lost_records_error: number;
  /** How many of them at least were lost before they came here. */
  lost_upstream: number;
  reasons: Record<string, number>;
}

/** Between which seconds the exporters' clocks lie, exporter minus true time; null is unbounded. */
export interface Clock {
  offset_low: number | null;
  offset_high: number | null;
  off: { exporter: string; observation_domain: number | null }[];
  /** Whether times take part in the answer. */
  matters: boolean;
  /** The collector's own clock; null where nobody watched it. */
  own?: OwnClock | null;
}

/** True time minus the collector's clock, in seconds; null while nobody knows. */
export interface OwnClock {
  bound_seconds: number | null;
  note: string;
}

export interface Column {
  name: string;
  type: string;
  unit: string;
}

/** What the rows left out come to; a series gives it bucket by bucket, in `rows`. */
export interface Other<Row> {
  bytes?: number;
  flows?: number;
  bytes_up?: number;
  bytes_down?: number;
  bytes_before?: number | null;
  rows?: Row[];
}

export interface Answer<Row> {
  data: Row[];
  columns: Column[];
  totals: Partial<Record<string, number | null>>;
  other: Other<Row> | null;
  completeness: Completeness;
  clock: Clock;
  warnings: string[];
  stats: { rows: number; files: number; bytes: number; milliseconds: number };
  since: string | null;
  until: string | null;
  filter: string;
  /** What to ask with for the page after this one; absent from questions that have no pages. */
  next?: string | null;
}

/** RFC 9457; `position` is the column, from 1, at which a filter stopped making sense. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  position?: number;
  suggestion?: string;
}
