import { sourceWords } from "../names";

/** How a name is known, in one short word; pointing at it tells the rest. */
export function Badge({ source }: { source: string }) {
  return (
    <span class="badge" title={`Name ${sourceWords(source)}`}>
      {source}
    </span>
  );
}
