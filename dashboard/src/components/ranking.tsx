import { changeWords } from "../change";
import { filterWith, noneOf } from "../clauses";
import { fieldName, OTHER_KEY, UNKNOWN_KEY } from "../names";
import { isValue, type Ranked } from "../ranked";
import { count, share, volume } from "../units";
import { show, view } from "../view";
import { Badge } from "./badge";
import { ValueButton } from "./value-button";

interface Properties {
  rows: readonly Ranked[];
  field: string;
  /** Bytes of everything, ranked or not. */
  total: number;
  hasDirections?: boolean;
}

/** Who or what carried most: a bar each, the numbers beside it, each value a way to look closer. */
export function Ranking({ rows, field, total, hasDirections = false }: Properties) {
  const largest = Math.max(1, ...rows.filter(isValue).map((row) => row.bytes));
  const isCompared = rows.some((row) => row.before !== null);
  return (
    <div class="scroll">
      <table class="ranking">
        <thead>
          <tr>
            <th scope="col">{fieldName(field)}</th>
            <Heading name="Volume" />
            <Heading name="Share" />
            {isCompared && <Heading name="Change" />}
            {hasDirections && <Heading name="Up" isWide />}
            {hasDirections && <Heading name="Down" isWide />}
            {!hasDirections && <Heading name="Flows" isWide />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">
                <span
                  class={isValue(row) ? "bar-fill" : "bar-fill faint"}
                  style={{ width: `${Math.min(100, (100 * row.bytes) / largest)}%` }}
                  aria-hidden="true"
                />
                <span class="bar-name">
                  <GroupName field={field} row={row} rows={rows} />
                  {row.sources.map((source) => (
                    <Badge key={source} source={source} />
                  ))}
                </span>
              </th>
              <td class="number strong">{volume(row.bytes)}</td>
              <td class="number">{share(row.bytes, total)}</td>
              {isCompared && (
                <td class="number" title={row.before === null ? undefined : `before: ${volume(row.before)}`}>
                  {row.before === null ? "–" : changeWords(row.bytes, row.before)}
                </td>
              )}
              {hasDirections && <td class="number wide">{row.up > 0 ? volume(row.up) : "–"}</td>}
              {hasDirections && <td class="number wide">{row.down > 0 ? volume(row.down) : "–"}</td>}
              {!hasDirections && <td class="number wide">{count(row.flows)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a row stands for; pressing Other leaves out everything that has a row of its own. */
function GroupName({ field, row, rows }: { field: string; row: Ranked; rows: readonly Ranked[] }) {
  if (row.key === UNKNOWN_KEY) return <ValueButton field={field} value={null} />;
  if (row.key !== OTHER_KEY) return <ValueButton field={field} value={row.key} />;
  const shown = rows
    .filter(({ key }) => key !== OTHER_KEY)
    .map(({ key }) => (key === UNKNOWN_KEY ? null : key));
  return (
    <button
      type="button"
      class="value"
      title="Show only what has no row of its own here"
      onClick={() => show({ filter: filterWith(view.peek().filter, noneOf(field, shown)) })}
    >
      Other
    </button>
  );
}

function Heading({ name, isWide = false }: { name: string; isWide?: boolean }) {
  return (
    <th scope="col" class={isWide ? "number wide" : "number"}>
      {name}
    </th>
  );
}
