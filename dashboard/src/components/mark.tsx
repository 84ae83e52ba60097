export type Level = "good" | "low" | "medium" | "high" | "unknown";

const SHAPES: Record<Level, string> = {
  good: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z",
  low: "M2 2h8v8H2z",
  medium: "M6 .6 11.4 6 6 11.4.6 6z",
  high: "M6 1 11.5 11H.5z",
  unknown: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
};

/** A shape and a colour for how things are; the word always stands beside it. */
export function Mark({ level }: { level: Level }) {
  return (
    <svg class={`mark ${level}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[level]} fill-rule="evenodd" />
    </svg>
  );
}
