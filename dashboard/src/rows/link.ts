/**
 * An interface of an exporter. Rates are in bits per second and those of a minute, round trips nanoseconds.
 * What nobody told or measured is null, never 0.
 */
export interface LinkRow {
  /** What it is called: by people, else by its exporter, else its number. */
  link: string;
  exporter: string;
  interface: number;
  capacity_in: number | null;
  capacity_out: number | null;
  bytes_in: number;
  bytes_out: number;
  in_last_bps: number;
  out_last_bps: number;
  in_p95_bps: number;
  out_p95_bps: number;
  in_peak_bps: number;
  out_peak_bps: number;
  minutes_above_80: number | null;
  minutes_above_90: number | null;
  /** When the hours began that had most minutes above 80 %, the worst first. */
  bottleneck_hours: string[] | null;
  rtt_p50: number | null;
  rtt_p95: number | null;
  /** Bounds of how long answers took, from flows' own times. */
  response_p50_low: number | null;
  response_p50_high: number | null;
  retransmit_share: number | null;
  loss: number | null;
  /** Packets that arrived damaged, or could not be sent. */
  errors_in: number | null;
  errors_out: number | null;
  /** Bytes by the interface's own counters. */
  counted_in: number | null;
  counted_out: number | null;
  /** What flows tell of the bytes counted, over the minutes that both know, as a part of 1. */
  coverage_in: number | null;
  coverage_out: number | null;
  /** What that would be if flows told of every packet: they leave out the frames around them. */
  expected_in_low: number | null;
  expected_in_high: number | null;
  expected_out_low: number | null;
  expected_out_high: number | null;
  note: string | null;
}
