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
