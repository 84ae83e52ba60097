/** Something that happened to an address, or that it did; what its kind does not tell is null. */
export interface TimelineRow {
  time: string;
  kind: "name" | "dns" | "nat" | "flow" | "finding";
  /** Who saw it. */
  exporter: string | null;
  /** The row as one would tell it. */
  text: string;
  src_addr: string | null;
  dst_addr: string | null;
  dst_port: number | null;
  src_port: number | null;
  site: string | null;
  service: string | null;
  /** At which of how many exporters a flow was seen. */
  hop: number | null;
  hops: number | null;
  /** How far the time may be off, in nanoseconds. */
  clock_bound: number | null;
}
