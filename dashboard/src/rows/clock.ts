/** What is known of an exporter's clock; offsets are exporter minus true time. */
export interface ClockRow {
  exporter: string;
  observation_domain: number;
  offset_seconds: number | null;
  offset_low: number | null;
  offset_high: number | null;
  /** Whether the times of its flows are corrected by what is known. */
  corrected: boolean;
  note: string;
  assumptions: string[];
}
