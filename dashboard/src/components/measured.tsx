import type { ComponentChildren } from "preact";

interface Properties {
  value: number | null;
  /** What an exporter would have to send. */
  needs: string;
  children: (value: number) => ComponentChildren;
}

/** A measurement, or that nobody made it: never a zero that could be mistaken for good news. */
export function Measured({ value, needs, children }: Properties) {
  if (value !== null && value !== undefined) return <>{children(value)}</>;
  return (
    <span class="muted unmeasured" title={`Not measured: this exporter sends no ${needs}.`}>
      not measured
    </span>
  );
}
