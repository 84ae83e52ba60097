import type { ComponentChildren } from "preact";

interface Properties {
  value: number | null;
  /** What an exporter would have to send; or, as a sentence of its own, why it was not measured. */
  needs?: string;
  why?: string;
  children: (value: number) => ComponentChildren;
}

/** A measurement, or that nobody made it: never a zero that could be mistaken for good news. */
export function Measured({ value, needs, why, children }: Properties) {
  if (value !== null && value !== undefined) return <>{children(value)}</>;
  return (
    <span class="muted unmeasured" title={why ?? `Not measured: this exporter sends no ${needs}.`}>
      not measured
    </span>
  );
}
