import { Mark } from "../../components/mark";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import type { TimeDeviceRow } from "../../rows/time-device";
import { deviceLevel, syncWords, tally } from "../../time-device-words";
import { count, span } from "../../units";
import { asked } from "../../question";
import { useAnswer } from "../../use-answer";

const SHOWN = 200;
const KNOWN_FIRST = "offset_seconds:desc";

/** Which device takes the time from whom, and who is in sync: what flows and our own NTP server know together. */
export function TimeDevicesPanel() {
  const devices = useAnswer("time_devices", { ...asked(), top: SHOWN, order: KNOWN_FIRST }, 4);
  const rows = devices.answer?.data ?? [];
  return (
    <Panel title="Who is in sync" area="time-devices" asked={devices} aside={<Tally rows={rows} />}>
      {rows.length > 0 ? (
        <div class="scroll">
          <table class="clocks">
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col">Its clock</th>
                <th scope="col">Takes the time from</th>
                <th scope="col" class="number wide">
                  Answered
                </th>
                <th scope="col" class="number wide">
                  Asks every
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={`${row.address} ${row.server}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Notice title="No device was seen">
          Each device at home that flows tell of is listed here with the time servers that it asks.
        </Notice>
      )}
    </Panel>
  );
}

function Tally({ rows }: { rows: readonly TimeDeviceRow[] }) {
  return <span class="muted">{tally(rows)}</span>;
}

function Row({ row }: { row: TimeDeviceRow }) {
  return (
    <tr>
      <th scope="row">
        <ValueButton field="addr" value={row.address} />
        <span class="sub">{[row.machine, row.user].filter(Boolean).join(", ")}</span>
      </th>
      <td>
        <span class="state">
          <Mark level={deviceLevel(row)} />
          {syncWords(row)}
        </span>
      </td>
      <td>
        {sourceWords(row)}
        <span class="sub">{row.state === "never asks" ? "" : row.state}</span>
      </td>
      <td class="number wide">
        {row.requests === null ? "" : `${count(row.answers ?? 0)} of ${count(row.requests)}`}
      </td>
      <td class="number wide">{row.interval_seconds === null ? "" : span(row.interval_seconds)}</td>
    </tr>
  );
}

function sourceWords(row: TimeDeviceRow): string {
  if (row.is_own_server) return row.server ? `our own server, ${row.server}` : "our own server";
  return row.server ?? "nobody";
}
