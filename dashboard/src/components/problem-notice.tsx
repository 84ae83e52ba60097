import type { Problem } from "../answer";
import { FILTER_PROBLEM } from "../problem-error";
import { Notice } from "./notice";

/** What a panel says when its question failed. What is wrong with a filter is said once, at the filter. */
export function ProblemNotice({ problem }: { problem: Problem }) {
  if (problem.type === FILTER_PROBLEM) return <p class="calm">Shown once the filter can be read.</p>;
  return <Notice title={problem.title}>{problem.detail}</Notice>;
}
