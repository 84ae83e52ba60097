import { equals, filterWith } from "../../clauses";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import { gridOf } from "../../grid";
import { valueName } from "../../names";
import type { TopRow } from "../../rows/top";
import { volume } from "../../units";
import type { Asked } from "../../use-answer";
import { show, view } from "../../view";
import { shade } from "../../week";

const ROWS = 8;
const COLUMNS = 7;

/** Who used what: people down, what it was for across, the darker the more. */
export function WhoWhatPanel(asked: Asked<TopRow>) {
  const grid = asked.answer && gridOf(asked.answer, ["user", "category"], [ROWS, COLUMNS]);
  const busiest = Math.max(0, ...(grid?.rows ?? []).flatMap((row) => row.cells));
  return (
    <Panel title="Who used what" area="who-what" asked={asked}>
      {!grid || grid.rows.length === 0 ? (
        <Notice title="Nobody and nothing here has a name yet">
          People are named by an inventory, DHCP leases or log-ins, what they used by DNS logs.
        </Notice>
      ) : (
        <div class="scroll">
          <table class="grid">
            <thead>
              <tr>
                <th scope="col">User</th>
                {grid.columns.map((column) => (
                  <th key={column} scope="col">
                    <ValueButton field="category" value={column} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {grid.rows.map((row) => (
                <tr key={row.key}>
                  <th scope="row">
                    <ValueButton field="user" value={row.key} />
                  </th>
                  {row.cells.map((bytes, index) => (
                    <Cell
                      key={grid.columns[index]}
                      user={row.key}
                      category={grid.columns[index] ?? ""}
                      bytes={bytes}
                      busiest={busiest}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface CellProperties {
  user: string;
  category: string;
  bytes: number;
  busiest: number;
}

function Cell({ user, category, bytes, busiest }: CellProperties) {
  if (bytes === 0) return <td class="muted">–</td>;
  const press = (): void => {
    const { filter } = view.peek();
    show({ filter: filterWith(filterWith(filter, equals("user", user)), equals("category", category)) });
  };
  return (
    <td>
      <button
        type="button"
        class={`cell cell-${shade(bytes, busiest)}`}
        aria-label={`${user}, ${valueName("category", category)}: ${volume(bytes)}`}
        title={`Show only what ${user} used of ${category}`}
        onClick={press}
      >
        {volume(bytes)}
      </button>
    </td>
  );
}
