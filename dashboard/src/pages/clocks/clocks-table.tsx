import { boundWords, clockLevel, clockWords, effectWords, stateWords } from "../../clock-words";
import { Mark } from "../../components/mark";
import { SortHeading } from "../../components/sort-heading";
import { ValueButton } from "../../components/value-button";
import type { ClockRow } from "../../rows/clock";
import { OffsetBar } from "./offset-bar";

export const CLOCK_ORDER = "offset_seconds";

/** The clock that is furthest off first, unless the reader sorts otherwise. */
export function ClocksTable({ rows }: { rows: readonly ClockRow[] }) {
  return (
    <div class="scroll">
      <table class="clocks">
        <thead>
          <tr>
            <SortHeading name="Exporter" column="exporter" own={CLOCK_ORDER} isNumber={false} />
            <SortHeading name="State" column="state" own={CLOCK_ORDER} isNumber={false} />
            <SortHeading name="Offset" column="offset_seconds" own={CLOCK_ORDER} isNumber={false} />
            <SortHeading name="Drift" column="drift_ppm" own={CLOCK_ORDER} isWide />
            <th scope="col" class="wide">
              How we know
            </th>
            <th scope="col">What it does to flows</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.exporter} ${row.observation_domain} ${row.clock}`} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: ClockRow }) {
  return (
    <tr>
      <th scope="row">
        <ValueButton field="exporter" value={row.exporter} />
        <span class="sub">
          {row.clock === "uptime" ? "time since it started" : "time of day"}, domain {row.observation_domain}
        </span>
      </th>
      <td title={row.note}>
        <span class="state">
          <Mark level={clockLevel(row)} />
          {stateWords(row)}
        </span>
      </td>
      <td>
        {row.clock === "uptime" ? (
          <span class="muted">a count, with no true value</span>
        ) : (
          <>
            <OffsetBar row={row} />
            <span class="offset-words">{clockWords(row)}</span>
            <span class="sub">{boundWords(row)}</span>
          </>
        )}
      </td>
      <td class="number wide">
        {row.drift_ppm === null ? <span class="muted">not yet known</span> : driftWords(row.drift_ppm)}
      </td>
      <td class="wide">
        {row.method}
        <span class="sub">{row.note}</span>
      </td>
      <td>{effectWords(row)}</td>
    </tr>
  );
}

function driftWords(ppm: number): string {
  const size = Math.abs(ppm);
  return `${ppm < 0 ? "−" : "+"}${size.toFixed(size < 10 ? 1 : 0)} ppm`;
}

/** What a column is sorted by: of offsets their size, since slow is as bad as fast. */
export function valueOf(row: ClockRow, column: string): unknown {
  if (column !== CLOCK_ORDER) return row[column as keyof ClockRow];
  return row.offset_seconds === null ? null : Math.abs(row.offset_seconds);
}
