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
  return filterReplacing(filter, clause, "");
}

/** The filter with one of its clauses rewritten; rewritten as nothing it is gone. */
export function filterReplacing(filter: string, clause: string, next: string): string {
  const clauses = clausesOf(filter);
  if (clauses.length === 1 && clauses[0] === clause) return next.trim();
  const kept = clauses.map((part) => (part === clause ? grouped(next.trim()) : part));
  return kept.filter((part) => part !== "").join(" and ");
}

/** The filter narrowed by a clause; it stays as it is when the clause is already there. */
export function filterWith(filter: string, clause: string): string {
  const clauses = clausesOf(filter);
  if (clauses.includes(clause)) return filter;
  return [...clauses.map(grouped), clause].join(" and ");
}

/** A clause that keeps the flows whose field has this value; null keeps those where it is not known. */
export function equals(field: string, value: string | number | null): string {
  return `${field} = ${value === null ? "null" : quoted(String(value))}`;
}

/** A clause that keeps the flows whose field has none of these values. */
export function noneOf(field: string, values: readonly (string | null)[]): string {
  const listed = values.filter((value) => value !== null).map(quoted);
  const rest = values.includes(null) ? ` and not ${equals(field, null)}` : "";
  return `not ${field} in [${listed.join(", ")}]${rest}`;
}

/** A clause that keeps all other flows, those whose field has no value among them. */
export function differs(field: string, value: string | number | null): string {
  return `not ${equals(field, value)}`;
}

// `null` is a word of the language, so somebody of that name needs quotes.
function quoted(text: string): string {
  const isPlain = /^[\w.:/-]+$/.test(text) && text.toLowerCase() !== "null";
  return isPlain ? text : `"${text.replaceAll('"', '\\"')}"`;
}

function grouped(clause: string): string {
  const hasTopLevelOr = topLevelWords(clause).some((word) => /^(or|\|\|)$/i.test(word.text));
  return hasTopLevelOr ? `(${clause})` : clause;
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
