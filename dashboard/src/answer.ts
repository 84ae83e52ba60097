/** Answers and problems as the HTTP API sends them. */

import type { Flow } from "./generated/fields";

export interface Completeness {
  fraction: number;
  lost_records: number;
  reasons: Record<string, number>;
}

export interface Answer<Row> {
  data: Row[];
  totals: Record<string, number>;
  other: { bytes?: number; flows?: number; rows?: SeriesRow[] } | null;
  completeness: Completeness;
  warnings: string[];
  stats: { rows: number; files: number; bytes: number; milliseconds: number };
  since: string | null;
  until: string | null;
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

export interface Metrics {
  bytes: number;
  packets: number;
  flows: number;
}

export type TopRow = Metrics & { bytes_up: number; bytes_down: number } & Partial<
    Record<string, string | number | null>
  >;

export type SeriesRow = Metrics & { time: string } & Partial<
    Pick<Flow, "protocol" | "src_addr" | "exporter">
  >;

export interface ExporterRow {
  exporter: string;
  observation_domain: number;
  protocol_version: string;
  last_received: string | null;
  records: number;
  lost_sequence: number | null;
  lost_no_template: number | null;
  malformed: number | null;
  state: "receiving" | "silent";
  note: string;
}

export interface ClockRow {
  exporter: string;
  observation_domain: number;
  offset_seconds: number | null;
  offset_low: number | null;
  offset_high: number | null;
  note: string;
  assumptions: string[];
}

export interface AlertRow {
  id: string;
  severity: "low" | "medium" | "high";
  title: string;
  sentence: string;
  last_seen: string;
  filter: string;
  since: string;
  until: string;
}
