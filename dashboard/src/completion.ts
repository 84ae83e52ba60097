/** Completion: what could be written next in a filter. The server knows the grammar and the values; this asks. */

export interface Candidate {
  text: string;
  kind: "field" | "word" | "value";
  meaning: string;
}

/** Candidates for the letters from `start` to `end`. */
export interface Completion {
  start: number;
  end: number;
  candidates: Candidate[];
}

const WANTED = 8;

/** Ask what fits at the cursor. Nothing when the server cannot say: typing goes on without. */
export async function completionOf(
  filter: string,
  cursor: number,
  signal: AbortSignal,
): Promise<Completion | null> {
  try {
    const reply = await fetch("/api/v1/filter/complete", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ filter, cursor, limit: WANTED }),
      signal,
    });
    return reply.ok ? ((await reply.json()) as Completion) : null;
  } catch {
    return null;
  }
}

/** The filter with a candidate in its place, and where the cursor then stands. */
export function completed(
  filter: string,
  { start, end }: Pick<Completion, "start" | "end">,
  { text }: Candidate,
): { filter: string; cursor: number } {
  const after = filter.slice(end);
  const space = after.startsWith(" ") ? "" : " ";
  return { filter: filter.slice(0, start) + text + space + after, cursor: start + text.length + 1 };
}
