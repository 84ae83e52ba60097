export type ClockState = "raw" | "good" | "wrong" | "phase_locked" | "stepped" | "rebooted" | "unknown";

/** What is known of an exporter's clock; offsets are exporter minus true time. */
export interface ClockRow {
  exporter: string;
  observation_domain: number;
  /** The time it tells, or its count since boot, which has no true value to be off from. */
  clock: "wall" | "uptime";
  offset_seconds: number | null;
  offset_low: number | null;
  offset_high: number | null;
  drift_ppm: number | null;
  state: ClockState;
  method: string;
  /** Whether the times of its flows are corrected by what is known. */
  corrected: boolean;
  note: string;
  assumptions: string[];
}
