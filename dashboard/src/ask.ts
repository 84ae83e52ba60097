import type { Answer, Problem } from "./answer";
import { ProblemError, UNREACHABLE } from "./problem-error";
import { queryString, type Parameters, type Resource, type Rows } from "./questions";

/** Ask the API one question. Throws ProblemError, or AbortError when the signal fires. */
export async function ask<Name extends Resource>(
  resource: Name,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Answer<Rows[Name]>> {
  const reply = await reach(`/api/v1/${resource}?${queryString(parameters)}`, signal);
  if (!reply.ok) throw new ProblemError(await problemFrom(reply));
  return (await reply.json()) as Answer<Rows[Name]>;
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
