import type { Answer, Problem } from "./answer";
import { ProblemError, UNREACHABLE } from "./problem-error";

export type Parameters = Record<string, string | number>;

/** Ask the API one question. Throws ProblemError, or AbortError when the signal fires. */
export async function ask<Row>(
  resource: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Answer<Row>> {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "") words.set(name, String(value));
  }
  const reply = await reach(`/api/v1/${resource}?${words}`, signal);
  if (!reply.ok) throw new ProblemError(await problemFrom(reply));
  return (await reply.json()) as Answer<Row>;
}

async function reach(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ProblemError(UNREACHABLE);
  }
}

async function problemFrom(reply: Response): Promise<Problem> {
  try {
    return (await reply.json()) as Problem;
  } catch {
    return {
      ...UNREACHABLE,
      status: reply.status,
      detail: `The server answered ${reply.status} and nothing else.`,
    };
  }
}
