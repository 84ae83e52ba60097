import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Answer, Problem } from "./answer";
import { ask, type Parameters } from "./ask";
import { FILTER_PROBLEM, ProblemError } from "./problem-error";

export interface Asked<Row> {
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

/** Questions under way, and of those the ones a person waits for: refreshes are not. */
export const underway = signal(0);
export const waiting = signal(0);

/**
 * Ask a question now, again when it changes, and again whenever `refresh` does.
 * A refresh keeps the old answer in place and undimmed, so that reading is not disturbed.
 */
export function useAnswer<Row>(resource: string, parameters: Parameters, refresh: number): Asked<Row> {
  const [asked, setAsked] = useState<Asked<Row>>({
    answer: null,
    question: null,
    problem: null,
    isStale: true,
  });
  const question = JSON.stringify(parameters);
  const shownQuestion = useRef("");

  useEffect(() => {
    const controller = new AbortController();
    const isNew = shownQuestion.current !== question;
    underway.value += 1;
    if (isNew) {
      waiting.value += 1;
      setAsked((before) => ({ ...before, isStale: true }));
    }
    ask<Row>(resource, JSON.parse(question) as Parameters, controller.signal)
      .then((answer) => {
        shownQuestion.current = question;
        if ("filter" in parameters) filterProblem.value = null;
        setAsked({ answer, question: parameters, problem: null, isStale: false });
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        if (!(error instanceof ProblemError)) throw error;
        if (error.problem.type === FILTER_PROBLEM) filterProblem.value = error.problem;
        setAsked((before) => ({ ...before, problem: error.problem, isStale: false }));
      })
      .finally(() => {
        underway.value -= 1;
        if (isNew) waiting.value -= 1;
      });
    return () => controller.abort();
  }, [resource, question, refresh]);

  return asked;
}
