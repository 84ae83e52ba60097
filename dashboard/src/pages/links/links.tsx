import { EmptyRange } from "../../components/empty-range";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { coverage, fullest } from "../../link-words";
import { asked } from "../../question";
import type { LinkRow } from "../../rows/link";
import { sorted, sortingFrom } from "../../sorting";
import { useAnswer } from "../../use-answer";
import { view } from "../../view";
import { LINK_ORDER, LinksTable } from "./links-table";

/** Every interface that exporters told of: how full, how slow, how lossy. */
export function Links() {
  const links = useAnswer("links", asked(), 2);
  const rows = links.answer?.data ?? [];
  const hasCapacity = rows.some((row) => fullest(row) !== null);
  // Without capacities nothing has a part of one, and the busiest is the best there is.
  const own = hasCapacity ? LINK_ORDER : "in_p95_bps";
  return (
    <>
      <h1>Links</h1>
      <Panel title="By interface" area="full" asked={links}>
        {rows.length > 0 && (
          <LinksTable rows={sorted(rows, sortingFrom(view.value.order, own), valueOf)} own={own} />
        )}
        {rows.length === 0 && links.answer?.totals.flows === 0 && <EmptyRange answer={links.answer} />}
        {rows.length === 0 && links.answer?.totals.flows !== 0 && (
          <Notice title="No exporter tells interfaces in this range">
            Flow exports usually name the interface a flow came in by and left by; switch that on in the
            router.
          </Notice>
        )}
        {rows.length > 0 && !hasCapacity && (
          <p class="muted small-print">
            No capacity is known, so only rates are shown. Flows never tell it: write it into{" "}
            <code>links.toml</code> of the lake, or let interfaces be asked (<code>snmp.toml</code>).
          </p>
        )}
      </Panel>
    </>
  );
}

function valueOf(row: LinkRow, column: string): unknown {
  if (column === "fullest") return fullest(row);
  return column === "coverage" ? coverage(row) : row[column as keyof LinkRow];
}
