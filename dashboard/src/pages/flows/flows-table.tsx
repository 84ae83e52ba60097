import { SortHeading } from "../../components/sort-heading";
import { ValueButton } from "../../components/value-button";
import { dateTime } from "../../moment";
import type { FlowRow } from "../../rows/flow";
import { count, duration, milliseconds, volume } from "../../units";

const OWN = "start:asc";
const SECOND = 1e9;

/** One line a flow, in true order; each of its values narrows the table. */
export function FlowsTable({ rows }: { rows: readonly FlowRow[] }) {
  return (
    <div class="scroll">
      <table class="flows-table">
        <thead>
          <tr>
            <SortHeading name="Start" column="start" own={OWN} isNumber={false} />
            <th scope="col">Source</th>
            <th scope="col">Destination</th>
            <th scope="col">Protocol</th>
            <th scope="col" class="wide">
              Site
            </th>
            <th scope="col" class="wide">
              User
            </th>
            <SortHeading name="Volume" column="bytes" own={OWN} />
            <SortHeading name="Packets" column="packets" own={OWN} isWide />
            <SortHeading name="Duration" column="duration" own={OWN} isWide />
            <th scope="col" class="wide">
              Exporter
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // Flows have no name of their own, and nothing here remembers which line it was.
            // oxlint-disable-next-line react/no-array-index-key
            <Row key={index} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: FlowRow }) {
  return (
    <tr>
      <td title={clockWords(row)}>
        {row.start && <time dateTime={row.start}>{dateTime(Date.parse(row.start))}</time>}
      </td>
      <td>
        <End side="src" address={row.src_addr} port={row.src_port} />
      </td>
      <td>
        <End side="dst" address={row.dst_addr} port={row.dst_port} />
      </td>
      <td>{row.protocol !== null && <ValueButton field="protocol" value={row.protocol} />}</td>
      <td class="wide">{row.site && <ValueButton field="site" value={row.site} />}</td>
      <td class="wide">{row.user && <ValueButton field="user" value={row.user} />}</td>
      <td class="number strong">{row.bytes !== null && volume(row.bytes)}</td>
      <td class="number wide">{row.packets !== null && count(row.packets)}</td>
      <td class="number wide">{row.duration !== null && lasting(row.duration)}</td>
      <td class="wide">{row.exporter && <ValueButton field="exporter" value={row.exporter} />}</td>
    </tr>
  );
}

function End({ side, address, port }: { side: "src" | "dst"; address: string | null; port: number | null }) {
  return (
    <span class="flow-end">
      {address !== null && <ValueButton field={`${side}_addr`} value={address} />}
      {port !== null && (
        <span class="muted">
          <ValueButton field={`${side}_port`} value={port} />
        </span>
      )}
    </span>
  );
}

function lasting(nanoseconds: number): string {
  return nanoseconds < SECOND ? milliseconds(nanoseconds) : duration(nanoseconds / SECOND);
}

/** How far the time shown may be trusted. */
function clockWords({ clock_correction, clock_bound, start_reported }: FlowRow): string {
  if (clock_correction === null) return `As the exporter's clock told it: ${start_reported}`;
  const bound = clock_bound === null ? "" : `, to ±${milliseconds(clock_bound)}`;
  return `Corrected by ${milliseconds(clock_correction)}${bound}; the exporter said ${start_reported}`;
}
