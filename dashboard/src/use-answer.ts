import { effect, signal, untracked } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Answer, Completeness, OwnClock, Problem } from "./answer";
import { keepAnswer, lastAnswer } from "./answer-shelf";
import { ask } from "./ask";
import { isTimeTold, now, refresh } from "./live";
import { FILTER_PROBLEM, ProblemError, STOPPED } from "./problem-error";
import type { Parameters, Resource, Rows } from "./questions";
import { cancelled, quiet, standIn, underway, waiting } from "./underway";

/**
 * An old answer, told as such, is better than none while the new one is on its way. Answers are hours old only
 * where the server was away; it gives none older than that.
 */
const MOST_AGE_SECONDS = 12 * 3600;

/** An answer of just now needs no other: the next refresh will do. Right after a start it is the first. */
const RECENT_SECONDS = 5;

export interface Asked<Row> {
  resource: Resource;
  /** The last answer that came, which stays on the page while the next is on its way. */
  answer: Answer<Row> | null;
  /** The question that the answer answers. */
  question: Parameters | null;
  problem: Problem | null;
  /** A new question is under way, so the answer shown belongs to the old one. */
  isStale: boolean;
}

/** What is wrong with the filter, told by whichever question came back first. */
export const filterProblem = signal<Problem | null>(null);

/** How far the last answer about flows may be trusted, which goes for the whole page. */
export const trust = signal<{
  completeness: Completeness;
  warnings: string[];
  own: OwnClock | null;
} | null>(null);

/**
 * Ask a question now, again when it changes, and again at every `pace`th refresh of the page.
 * A refresh keeps the old answer in place and undimmed, so that reading is not disturbed; so does another
 * `version` of what is asked about.
 * Null parameters ask nothing yet.
 */
export function useAnswer<Name extends Resource>(
  resource: Name,
  parameters: Parameters | null,
  pace = 1,
  version = 0,
): Asked<Rows[Name]> {
  const question = parameters && JSON.stringify(parameters);
  const [asked, setAsked] = useState<Asked<Rows[Name]>>(() => first(resource, parameters, question));
  const shownQuestion = useRef("");
  const tick = Math.floor(refresh.value / pace);

  // Before the browser paints the empty page, so that the server looks for the answer meanwhile.
  useLayoutEffect(() => {
    if (question === null) return;
    const controller = new AbortController();
    const isNew = shownQuestion.current !== question;
    underway.value += 1;
    if (isNew) {
      waiting.value += 1;
      setAsked((before) => ({ ...before, isStale: true }));
    }
    const stopListening = onCancel(() => controller.abort(STOPPED));
    const parsed = JSON.parse(question) as Parameters;
    const accept = (answer: Answer<Rows[Name]>): void => {
      shownQuestion.current = question;
      keepAnswer(`${resource} ${question}`, answer);
      if ("filter" in parsed) {
        filterProblem.value = null;
        const { completeness, warnings, clock } = answer;
        trust.value = { completeness, warnings, own: clock.own ?? null };
      }
      setAsked({ resource, answer, question: parsed, problem: null, isStale: false });
    };
    let isAwaited = isNew;
    const arrived = (): void => {
      if (isAwaited) waiting.value -= 1;
      isAwaited = false;
    };
    answers(resource, parsed, controller.signal, isNew ? MOST_AGE_SECONDS : 0, (answer) => {
      accept(answer);
      arrived();
    })
      .catch((error: unknown) => {
        const problem = error instanceof ProblemError ? error.problem : controller.signal.reason;
        if (controller.signal.aborted && problem !== STOPPED) return;
        if (!controller.signal.aborted && !(error instanceof ProblemError)) throw error;
        if (problem.type === FILTER_PROBLEM) filterProblem.value = problem;
        setAsked((before) => ({ ...before, problem, isStale: false }));
      })
      .finally(() => {
        stopListening();
        underway.value -= 1;
        arrived();
      });
    return () => controller.abort();
  }, [resource, question, tick, version]);

  return asked;
}

/** Show the answer at hand, and where that is an old one, the newest as soon as nobody waits for another. */
async function answers<Name extends Resource>(
  resource: Name,
  parameters: Parameters,
  stop: AbortSignal,
  mostAge: number,
  show: (answer: Answer<Rows[Name]>) => void,
): Promise<void> {
  const { answer, age } = await ask(resource, parameters, stop, mostAge);
  show(answer);
  if (age < RECENT_SECONDS) return;
  const release = effect(() => (isTimeTold.value ? standIn(untracked(now) - age * 1000) : undefined));
  try {
    await quiet();
    show((await ask(resource, parameters, stop, RECENT_SECONDS)).answer);
  } finally {
    release();
  }
}

function first<Name extends Resource>(
  resource: Name,
  parameters: Parameters | null,
  question: string | null,
): Asked<Rows[Name]> {
  const answer = lastAnswer<Rows[Name]>(`${resource} ${question}`);
  return { resource, answer, question: answer && parameters, problem: null, isStale: true };
}

/** Run once when the reader presses Cancel; the result stops listening. */
function onCancel(run: () => void): () => void {
  const before = cancelled.peek();
  return cancelled.subscribe((count) => {
    if (count !== before) run();
  });
}
