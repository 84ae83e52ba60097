import type { Problem } from "./answer";

export const FILTER_PROBLEM = "urn:tidegauge:problem:filter";

/** A request that failed, with what the server said about it. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** What to say when no server answered at all. */
export const UNREACHABLE: Problem = {
  type: "urn:tidegauge:problem:unreachable",
  title: "No answer",
  status: 0,
  detail: "The server does not answer. It may have stopped, or the connection to it is down.",
};

/** What to say when the reader did not want to wait longer. */
export const STOPPED: Problem = {
  type: "urn:tidegauge:problem:stopped",
  title: "Stopped",
  status: 0,
  detail: "You stopped this question. A shorter range or a filter is answered sooner.",
};
