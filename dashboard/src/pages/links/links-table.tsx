import { Link } from "../../components/link";
import { Measured } from "../../components/measured";
import { Meter } from "../../components/meter";
import { SortHeading } from "../../components/sort-heading";
import { ValueButton } from "../../components/value-button";
import { bothWays, coverage, fullest } from "../../link-words";
import type { LinkRow } from "../../rows/link";
import { bitRate, count, milliseconds, percent } from "../../units";

export const LINK_ORDER = "fullest";

export const UNCOUNTED =
  "Not measured: there are no interface counters of this time. Name the exporter in snmp.toml of the lake.";

/** The fullest link first, unless the reader sorts otherwise. */
export function LinksTable({ rows, own }: { rows: readonly LinkRow[]; own: string }) {
  return (
    <div class="scroll">
      <table class="links">
        <thead>
          <tr>
            <SortHeading name="Link" column="link" own={own} isNumber={false} />
            <SortHeading name="Capacity" column="capacity_in" own={own} isNumber={false} isWide />
            <SortHeading name="In, 95th percentile" column="in_p95_bps" own={own} isNumber={false} />
            <SortHeading name="Out, 95th percentile" column="out_p95_bps" own={own} isNumber={false} />
            <SortHeading name="Fullest" column="fullest" own={own} />
            <SortHeading name="Above 80 %" column="minutes_above_80" own={own} isWide />
            <SortHeading name="Seen in flows" column="coverage" own={own} isWide />
            <SortHeading name="Round trip" column="rtt_p50" own={own} isWide />
            <SortHeading name="Sent again" column="retransmit_share" own={own} isWide />
            <SortHeading name="Loss" column="loss" own={own} isWide />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.exporter} ${row.interface}`} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: LinkRow }) {
  const full = fullest(row);
  const place = { page: "link", exporter: row.exporter, port: String(row.interface) } as const;
  return (
    <tr>
      <th scope="row">
        <Link class="name" to={{ place }}>
          {row.link}
        </Link>
        <span class="sub">
          {isNamed(row) ? (
            <>
              <ValueButton field="exporter" value={row.exporter} /> interface {row.interface}
            </>
          ) : (
            "no name told"
          )}
        </span>
      </th>
      <td class="wide capacity">{capacityWords(row)}</td>
      <td>
        <Meter rate={row.in_p95_bps} capacity={row.capacity_in} />
      </td>
      <td>
        <Meter rate={row.out_p95_bps} capacity={row.capacity_out} />
      </td>
      <td class="number strong">{full === null ? "–" : percent(full)}</td>
      <td class="number wide">
        {row.minutes_above_80 === null ? "–" : `${count(row.minutes_above_80)} min`}
      </td>
      <td class="number wide" title={row.note ?? undefined}>
        <Measured value={coverage(row)} why={UNCOUNTED}>
          {() => bothWays(row.coverage_in, row.coverage_out)}
        </Measured>
      </td>
      <td class="number wide">
        <Measured value={row.rtt_p50} needs="TCP timing">
          {(rtt) => (
            <>
              {milliseconds(rtt)}
              {row.rtt_p95 !== null && <span class="sub">p95 {milliseconds(row.rtt_p95)}</span>}
            </>
          )}
        </Measured>
      </td>
      <td class="number wide">
        <Measured value={row.retransmit_share} needs="retransmissions">
          {percent}
        </Measured>
      </td>
      <td class="number wide">
        <Measured value={row.loss} needs="loss">
          {percent}
        </Measured>
      </td>
    </tr>
  );
}

/** Whether it is called anything but what it is: an interface of an exporter. */
function isNamed({ link, exporter, interface: port }: LinkRow): boolean {
  return link !== `${exporter} interface ${port}`;
}

/** One number where both directions carry the same, else both. */
export function capacityWords({ capacity_in: incoming, capacity_out: outgoing }: LinkRow): string {
  if (incoming === null && outgoing === null) return "not known";
  if (incoming === outgoing) return bitRate(incoming ?? 0);
  return `${rateWords(incoming)} in, ${rateWords(outgoing)} out`;
}

/** Kept together where a narrow column breaks its lines. */
function rateWords(rate: number | null): string {
  return (rate === null ? "not known" : bitRate(rate)).replaceAll(" ", "\u00a0");
}
