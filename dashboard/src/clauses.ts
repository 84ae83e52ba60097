/**
 * The clauses of a filter: the parts joined by `and` at its top level, each shown as a chip.
 *
 * This is not the filter's grammar, which lives in the server alone. It only finds where a text may be
 * cut, and cuts nothing where an `or` makes the parts depend on each other.
 */

interface Word {
  text: string;
  start: number;
  end: number;
}

/** The parts of a filter that can be taken away one by one. */
export function clausesOf(filter: string): string[] {
  const words = topLevelWords(filter);
  if (words.some((word) => /^(or|\|\|)$/i.test(word.text))) return [filter.trim()];
  const cuts = words.filter((word) => /^(and|&&)$/i.test(word.text));
  const starts = [0, ...cuts.map((cut) => cut.end)];
  const ends = [...cuts.map((cut) => cut.start), filter.length];
  return starts
    .map((start, index) => filter.slice(start, ends[index]).trim())
    .filter((clause) => clause !== "");
}

/** The filter without one of its clauses. */
export function filterWithout(filter: string, clause: string): string {
  return clausesOf(filter)
    .filter((other) => other !== clause)
    .join(" and ");
}

/** The filter narrowed by a clause; it stays as it is when the clause is already there. */
export function filterWith(filter: string, clause: string): string {
  const clauses = clausesOf(filter);
  if (clauses.includes(clause)) return filter;
  const kept = clauses.map((part) => (hasTopLevelOr(part) ? `(${part})` : part));
  return [...kept, clause].join(" and ");
}

/** A clause that keeps the flows whose field has this value. */
export function equals(field: string, value: string | number): string {
  const text = String(value);
  return `${field} = ${/^[\w.:/-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`}`;
}

function hasTopLevelOr(filter: string): boolean {
  return topLevelWords(filter).some((word) => /^(or|\|\|)$/i.test(word.text));
}

function topLevelWords(filter: string): Word[] {
  const words: Word[] = [];
  let depth = 0;
  for (const match of filter.matchAll(/"(?:\\.|[^"\\])*"?|[()[\]]|[^\s()[\]"]+/g)) {
    const text = match[0];
    if (text === "(" || text === "[") depth += 1;
    else if (text === ")" || text === "]") depth -= 1;
    else if (depth === 0) words.push({ text, start: match.index, end: match.index + text.length });
  }
  return words;
}
