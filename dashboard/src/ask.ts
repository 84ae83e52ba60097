import type { Answer, Problem } from "./answer";
import { ProblemError, UNREACHABLE } from "./problem-error";
import { queryString, type Parameters, type Resource, type Rows } from "./questions";

const JSON_TYPE = "application/json";

/** An answer, and how many seconds ago the server gave it. */
export interface Told<Row> {
  answer: Answer<Row>;
  age: number;
}

/**
 * Ask the API one question, content with what it said up to so many seconds ago; it keeps what it says now.
 * Throws ProblemError, or AbortError when the signal fires.
 */
export async function ask<Name extends Resource>(
  resource: Name,
  parameters: Parameters,
  signal: AbortSignal,
  mostAge: number,
): Promise<Told<Rows[Name]>> {
  const path = `/api/v1/${resource}?${queryString(parameters)}`;
  const headers = { accept: JSON_TYPE, "cache-control": `max-age=${mostAge}` };
  const reply = await reach(path, signal, { headers });
  return { answer: await contentOf(reply), age: Number(reply.headers.get("age")) };
}

/** Read something that is no question. Throws as `ask` does. */
export async function read<Content>(path: string, signal: AbortSignal): Promise<Content> {
  return contentOf(await reach(path, signal));
}

async function contentOf<Content>(reply: Response): Promise<Content> {
  if (!reply.ok) throw new ProblemError(await problemFrom(reply));
  return (await reply.json()) as Content;
}

/** Have something changed: written down, or with `DELETE` taken back. Throws ProblemError. */
export async function send(path: string, method: "POST" | "DELETE", content?: object): Promise<void> {
  const told = content && {
    body: JSON.stringify(content),
    headers: { "content-type": JSON_TYPE },
  };
  const reply = await reach(path, null, { method, ...told });
  if (!reply.ok) throw new ProblemError(await problemFrom(reply));
}

async function reach(url: string, signal: AbortSignal | null, more: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: { accept: JSON_TYPE }, ...more });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError(UNREACHABLE);
  }
}

/** What a reply that is not `ok` says went wrong. */
export async function problemFrom(reply: Response): Promise<Problem> {
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
