import type { TopRow } from "../answer";
import { FIELD_NAMES, valueName } from "../names";
import { count, share, volume } from "../units";
import type { Asked } from "../use-answer";
import { show, TOPS, view, type Top } from "../view";
import { Choice } from "./choice";
import { Notice } from "./notice";
import { Panel } from "./panel";
import { ValueButton } from "./value-button";

/** Who or what carried most, each value a way to look closer. */
export function TalkersPanel(asked: Asked<TopRow>) {
  const { answer, question } = asked;
  // The answer on the page may still be to the question before.
  const field = TOPS.find((name) => name === question?.by) ?? view.value.top;
  const choose = (
    <Choice
      label="Top by"
      words={TOPS}
      chosen={view.value.top}
      name={(word) => FIELD_NAMES[word]}
      onChoose={(top) => show({ top })}
    />
  );
  return (
    <Panel title="Top talkers" area="talkers" asked={asked} aside={choose}>
      {answer && answer.data.length > 0 ? (
        <Ranking rows={answer.data} field={field} total={answer.totals.bytes ?? 0} />
      ) : (
        <Notice title="Nothing to rank in this range" />
      )}
    </Panel>
  );
}

function Ranking({ rows, field, total }: { rows: TopRow[]; field: Top; total: number }) {
  const largest = Math.max(1, ...rows.map((row) => row.bytes));
  return (
    <div class="scroll">
      <table class="ranking">
        <thead>
          <tr>
            <th scope="col">{FIELD_NAMES[field]}</th>
            <th scope="col" class="number">
              Volume
            </th>
            <th
              scope="col"
              class="number"
              title="Of the traffic in this range; a flow counts for both its hosts"
            >
              Share
            </th>
            <th scope="col" class="number wide">
              Up
            </th>
            <th scope="col" class="number wide">
              Down
            </th>
            <th scope="col" class="number wide">
              Flows
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const value = row[field];
            return (
              <tr key={String(value)}>
                <th scope="row">
                  <span
                    class="bar-fill"
                    style={{ width: `${(100 * row.bytes) / largest}%` }}
                    aria-hidden="true"
                  />
                  {value === null || value === undefined ? (
                    <span class="muted">not told</span>
                  ) : (
                    <ValueButton field={field} value={value}>
                      {valueName(field, String(value))}
                    </ValueButton>
                  )}
                </th>
                <td class="number strong">{volume(row.bytes)}</td>
                <td class="number">{share(row.bytes, total)}</td>
                <td class="number wide">{row.bytes_up > 0 ? volume(row.bytes_up) : "–"}</td>
                <td class="number wide">{row.bytes_down > 0 ? volume(row.bytes_down) : "–"}</td>
                <td class="number wide">{count(row.flows)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
