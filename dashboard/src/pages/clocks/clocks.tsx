import { clockLevel } from "../../clock-words";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import type { ClockRow } from "../../rows/clock";
import { sorted, sortingFrom } from "../../sorting";
import type { Asked } from "../../use-answer";
import { view } from "../../view";
import { ClocksTable, CLOCK_ORDER, valueOf } from "./clocks-table";
import { OwnClockPanel } from "./own-clock-panel";
import { TimeDevicesPanel } from "./time-devices-panel";

/** How right every exporter's clock is, how we know, and what that does to the times of its flows. */
export function Clocks({ clocks }: { clocks: Asked<ClockRow> }) {
  const rows = clocks.answer?.data ?? [];
  return (
    <>
      <h1>Clocks</h1>
      <Panel title="By exporter" area="full" asked={clocks} aside={<Tally rows={rows} />}>
        {rows.length > 0 ? (
          <ClocksTable rows={sorted(rows, sortingFrom(view.value.order, CLOCK_ORDER), valueOf)} />
        ) : (
          <Notice title="No exporter's clock is known">
            Each export carries the time its router believed it was. As soon as one arrives, this page says
            how far that is from the collector's own.
          </Notice>
        )}
        {rows.length > 0 && (
          <p class="muted small-print">
            An offset is the exporter's clock minus the true time. Its bar shows where the truth can lie, on a
            logarithmic scale from a millisecond to a day.{" "}
            {assumptions(rows).length > 0 && `Assumed: ${assumptions(rows).join("; ")}.`}
          </p>
        )}
      </Panel>
      <TimeDevicesPanel />
      <OwnClockPanel clocks={clocks} />
    </>
  );
}

const TALLY = [
  ["good", "right"],
  ["medium", "off"],
  ["low", "cannot be told closely"],
  ["unknown", "unknown"],
] as const;

function Tally({ rows }: { rows: readonly ClockRow[] }) {
  const counted = TALLY.map(([level, word]) => [
    rows.filter((row) => clockLevel(row) === level).length,
    word,
  ]);
  const told = counted.filter(([number]) => Number(number) > 0).map(([number, word]) => `${number} ${word}`);
  return <span class="muted">{told.join(" · ")}</span>;
}

function assumptions(rows: readonly ClockRow[]): string[] {
  return [...new Set(rows.flatMap((row) => row.assumptions))];
}
