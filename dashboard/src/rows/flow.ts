import type { Flow } from "../generated/fields";

/** A flow, whole, and how much of it falls into the range asked for. */
export interface FlowRow extends Flow {
  bytes_in_range: number | null;
}
