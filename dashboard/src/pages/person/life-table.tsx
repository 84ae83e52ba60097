import { ValueButton } from "../../components/value-button";
import { preciseTime } from "../../moment";
import type { TimelineRow } from "../../rows/timeline";
import { milliseconds } from "../../units";
import { kindWord } from "./life-question";

interface Properties {
  rows: readonly TimelineRow[];
  /** Whose life it is: the other end of each flow is what can be asked for. */
  address: string;
}

/** One line for each thing that happened, in words; its values narrow the timeline. */
export function LifeTable({ rows, address }: Properties) {
  return (
    <div class="scroll">
      <table class="life">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Kind</th>
            <th scope="col">What happened</th>
            <th scope="col" class="wide">
              Seen by
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // The same may happen twice at once, and nothing here remembers which line it was.
            // oxlint-disable-next-line react/no-array-index-key
            <Row key={index} row={row} address={address} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, address }: { row: TimelineRow; address: string }) {
  return (
    <tr>
      <td class="when">
        <time dateTime={row.time}>{preciseTime(Date.parse(row.time))}</time>
        {row.clock_bound !== null && <span class="sub">± {milliseconds(row.clock_bound)}</span>}
      </td>
      <td>
        <span class={`kind kind-${row.kind}`}>{kindWord(row.kind)}</span>
      </td>
      <th scope="row">
        {row.text}
        {row.kind === "flow" && <Values row={row} address={address} />}
      </th>
      <td class="wide">{row.exporter && <ValueButton field="exporter" value={row.exporter} />}</td>
    </tr>
  );
}

function Values({ row, address }: { row: TimelineRow; address: string }) {
  const isOut = row.src_addr === address;
  const [peer, port] = isOut ? [row.dst_addr, row.dst_port] : [row.src_addr, row.src_port];
  return (
    <span class="life-values">
      {row.service && <ValueButton field="service" value={row.service} />}
      {row.site && row.site !== row.service && <ValueButton field="site" value={row.site} />}
      {peer && <ValueButton field="addr" value={peer} />}
      {port !== null && <ValueButton field="port" value={port} />}
    </span>
  );
}
