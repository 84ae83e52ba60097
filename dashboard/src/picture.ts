/** Pictures: what a chart of rates over time draws, whatever question its numbers answer. */

export interface Layer {
  /** The value that the layer stands for, or one of the keys for what has none. */
  key: string;
  name: string;
  colour: string;
  /** Bits per second in each bucket. */
  rates: number[];
  bytes: number;
  /** Drawn under the axis, for the other direction of the same traffic. */
  isBelow?: boolean;
}

/** A level worth comparing with, drawn across the whole width. */
export interface Line {
  name: string;
  rate: number;
  isBelow: boolean;
  /** Where its name stands: two levels close together need one each. */
  side: "Start" | "End";
}

export interface Picture {
  /** Where each bucket starts, in milliseconds since 1970; evenly spaced, gaps filled with nothing. */
  times: number[];
  stepMilliseconds: number;
  layers: Layer[];
  lines: Line[];
  /** The sum of all layers in the period compared with; empty where none was asked for. */
  before: number[];
  isDark: boolean;
  /** Whether the last bucket is still filling. */
  isOpenEnded: boolean;
}

/** All layers of one bucket together. */
export function totalRate({ layers }: Picture, bucket: number): number {
  return layers.reduce((sum, layer) => sum + (layer.rates[bucket] ?? 0), 0);
}
