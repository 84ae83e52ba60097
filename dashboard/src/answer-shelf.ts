/** The last answers, kept so that a page the reader comes back to stands at once. */

import type { Answer } from "./answer";

const ROOM = 40;
const shelf = new Map<string, Answer<unknown>>();

/** The last answer to a question, if it is still here. */
export function lastAnswer<Row>(question: string): Answer<Row> | null {
  return (shelf.get(question) as Answer<Row> | undefined) ?? null;
}

/** Keep an answer; the one untouched longest makes room. */
export function keepAnswer(question: string, answer: Answer<unknown>): void {
  shelf.delete(question);
  shelf.set(question, answer);
  if (shelf.size <= ROOM) return;
  const [oldest] = shelf.keys();
  if (oldest !== undefined) shelf.delete(oldest);
}
