import { isNameless } from "./ranked";
import type { Parameters, Rows } from "./questions";
import { useAnswer, type Asked } from "./use-answer";

type Grouped = "top" | "series";

export interface Fallen<Row> {
  asked: Asked<Row>;
  /** The field that the answer is by. */
  field: string;
  /** The field wanted says nothing about anything here, so the answer is by the next. */
  hasFallen: boolean;
}

interface Choice {
  /** What to group by, where that is more than the field wanted. */
  by?: string;
  /** How many rows are enough of the second choice. */
  limit?: number;
}

/**
 * Ask by a field that needs names; where nobody knows any, ask by one that every flow has.
 * A lake without names costs one question more, one with names none.
 */
export function useFallback<Name extends Grouped>(
  resource: Name,
  parameters: Parameters,
  wanted: string,
  fallback: string,
  { by = wanted, limit }: Choice = {},
): Fallen<Rows[Name]> {
  const first = useAnswer(resource, { ...parameters, by });
  const hasFallen = wanted !== fallback && isNameless(first.answer, wanted);
  const second = { ...parameters, by: fallback, ...(limit !== undefined && { top: limit }) };
  const fallen = useAnswer(resource, hasFallen ? second : null);
  return hasFallen
    ? { asked: fallen, field: fallback, hasFallen }
    : { asked: first, field: wanted, hasFallen };
}
