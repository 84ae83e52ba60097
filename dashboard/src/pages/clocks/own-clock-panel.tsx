import { Mark } from "../../components/mark";
import { Panel } from "../../components/panel";
import type { ClockRow } from "../../rows/clock";
import { fineSpan } from "../../clock-words";
import { useAnswer, type Asked } from "../../use-answer";

/** The clock all others are measured by: this machine's own. */
export function OwnClockPanel({ clocks }: { clocks: Asked<ClockRow> }) {
  const status = useAnswer("time_status", {}, 4);
  const own = clocks.answer?.clock.own;
  const isKept = own?.bound_seconds !== null && own?.bound_seconds !== undefined;
  return (
    <Panel title="The collector's own clock" area="own-clock" asked={clocks}>
      <p class="own-clock-words">
        <Mark level={isKept ? "good" : "unknown"} />
        {own ? sentence(own.note) : "Nobody watched this machine's clock while these flows came in."}
      </p>
      {!isKept && (
        <p class="muted small-print">
          So bounds above are relative to it. Let <code>chrony</code> keep it, or name servers to judge it by:{" "}
          <code>tidegauge collect --time-source HOST</code>.
        </p>
      )}
      <ul class="time-sources">
        {(status.answer?.data ?? [])
          .filter((row) => row.role !== "own")
          .map((row) => (
            <li key={row.clock}>
              <Mark level={row.synchronised ? "good" : "low"} />
              <span>
                {row.role === "server" ? "NTP server at " : "judged by "}
                <b>{row.clock}</b>: {row.state}
                {row.bound_seconds !== null && `, within ${fineSpan(row.bound_seconds)}`}
                {row.note && `; ${row.note}`}
              </span>
            </li>
          ))}
      </ul>
    </Panel>
  );
}

function sentence(note: string): string {
  return `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;
}
