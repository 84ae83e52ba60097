import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { SortHeading } from "../../components/sort-heading";
import { ValueButton } from "../../components/value-button";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import type { SessionRow } from "../../rows/session";
import { sorted, sortingFrom } from "../../sorting";
import { count, duration, volume } from "../../units";
import type { Asked } from "../../use-answer";
import { view } from "../../view";

const OWN = "bytes";

/** What somebody was at: how often, how long, how much each way, from when to when. */
export function SessionsPanel(asked: Asked<SessionRow>) {
  const rows = sorted(asked.answer?.data ?? [], sortingFrom(view.value.order, OWN));
  return (
    <Panel title="Sessions" area="sessions" asked={asked}>
      {rows.length === 0 ? (
        <Notice title="No session in this range" />
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <SortHeading name="Service" column="service" own={OWN} isNumber={false} />
                <SortHeading name="Category" column="category" own={OWN} isNumber={false} isWide />
                <SortHeading name="Time" column="seconds" own={OWN} />
                <SortHeading name="Sessions" column="sessions" own={OWN} isWide />
                <SortHeading name="Volume" column="bytes" own={OWN} />
                <SortHeading name="Down" column="bytes_down" own={OWN} isWide />
                <SortHeading name="Up" column="bytes_up" own={OWN} isWide />
                <SortHeading name="First" column="first_seen" own={OWN} isWide />
                <SortHeading name="Last" column="last_seen" own={OWN} isWide />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={`${row.user} ${row.service}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="muted small-print">
        A session joins flows less than five minutes apart; time is when at least one of them ran.
      </p>
    </Panel>
  );
}

function Row({ row }: { row: SessionRow }) {
  return (
    <tr>
      <th scope="row">
        <ValueButton field="service" value={row.service ?? null} />
        {row.note && <span class="sub">{row.note}</span>}
      </th>
      <td class="wide">
        <ValueButton field="category" value={row.category ?? null} />
      </td>
      <td class="number strong">{duration(row.seconds)}</td>
      <td class="number wide">{count(row.sessions)}</td>
      <td class="number strong">{volume(row.bytes)}</td>
      <td class="number wide">{row.bytes_down > 0 ? volume(row.bytes_down) : "–"}</td>
      <td class="number wide">{row.bytes_up > 0 ? volume(row.bytes_up) : "–"}</td>
      <td class="number wide">{shortMoment(Date.parse(row.first_seen), now())}</td>
      <td class="number wide">{shortMoment(Date.parse(row.last_seen), now())}</td>
    </tr>
  );
}
