import { clockWords, isOff } from "../../clock-words";
import { Mark } from "../../components/mark";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import { dateTime } from "../../moment";
import type { ClockRow } from "../../rows/clock";
import type { ExporterRow } from "../../rows/exporter";
import { count, span } from "../../units";
import type { Asked } from "../../use-answer";

interface Properties {
  exporters: Asked<ExporterRow>;
  clocks: ClockRow[];
  now: number;
}

const VERSIONS: Record<string, string> = {
  netflow1: "NetFlow v1",
  netflow5: "NetFlow v5",
  netflow6: "NetFlow v6",
  netflow7: "NetFlow v7",
  netflow8: "NetFlow v8",
  netflow9: "NetFlow v9",
  ipfix: "IPFIX",
  sflow5: "sFlow",
};

/** Who sends us flows, and whether each can be trusted. */
export function ExportersPanel({ exporters, clocks, now }: Properties) {
  const rows = exporters.answer?.data ?? [];
  const clockOf = (row: ExporterRow): ClockRow | undefined =>
    clocks.find(
      (clock) =>
        clock.clock === "wall" &&
        clock.exporter === row.exporter &&
        clock.observation_domain === row.observation_domain,
    );
  return (
    <Panel title="Exporters and their clocks" area="exporters" asked={exporters}>
      {rows.length === 0 ? (
        <Notice title="No exporter heard yet">
          Start <code>tidegauge collect --listen udp://0.0.0.0:2055</code> and point your router's flow export
          here.
        </Notice>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Exporter</th>
                <th scope="col">State</th>
                <th scope="col">Clock</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={`${row.exporter} ${row.observation_domain} ${row.protocol_version}`}
                  row={row}
                  clock={clockOf(row)}
                  now={now}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ row, clock, now }: { row: ExporterRow; clock: ClockRow | undefined; now: number }) {
  const lost = lossWords(row);
  const last = row.last_received ? Date.parse(row.last_received) : null;
  return (
    <tr>
      <th scope="row">
        <ValueButton field="exporter" value={row.exporter} />
        <span class="sub" title={row.tables ? `Tells ${row.tables}` : undefined}>
          {VERSIONS[row.protocol_version] ?? row.protocol_version}, domain {row.observation_domain}
        </span>
      </th>
      <td>
        <span class="state">
          <Mark level={row.state === "silent" ? "medium" : "good"} />
          {row.state}
        </span>
        {last !== null && (
          <time class="sub" dateTime={row.last_received ?? ""} title={dateTime(last)}>
            {span((now - last) / 1000)} ago
          </time>
        )}
        {lost !== "" && (
          <span class="sub" title={row.note}>
            lost {lost}
          </span>
        )}
      </td>
      <td title={clock && `${clock.note}; ${clock.assumptions.join(", ")}`}>
        <span class="state">
          {clock && isOff(clock) && <Mark level="medium" />}
          {clockWords(clock)}
        </span>
      </td>
    </tr>
  );
}

function lossWords(row: ExporterRow): string {
  const unit = ["netflow9", "sflow5"].includes(row.protocol_version) ? "datagrams" : "records";
  const parts = [
    row.lost_sequence ? `${count(row.lost_sequence)} ${unit}` : "",
    row.lost_no_template ? `${count(row.lost_no_template)} without template` : "",
    row.malformed ? `${count(row.malformed)} malformed` : "",
  ].filter((part) => part !== "");
  return parts.join(", ");
}
