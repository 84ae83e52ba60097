import type { Completeness } from "../answer";
import { clockWords, isOff, ownClockSentence } from "../clock-words";
import { now } from "../live";
import { dateTime } from "../moment";
import type { ClockRow } from "../rows/clock";
import type { ExporterRow } from "../rows/exporter";
import { count, span } from "../units";
import { trust } from "../use-answer";
import { Mark } from "./mark";

interface Properties {
  exporters: readonly ExporterRow[];
  clocks: readonly ClockRow[];
}

const SHOWN_SILENT = 3;

const REASONS: Record<string, string> = {
  lost_kernel: "datagrams dropped before we could read them",
  lost_queue: "records dropped before writing",
  lost_sequence: "records missing by sequence number",
  lost_sequence_datagrams: "datagrams missing by sequence number",
  lost_no_template: "data sets that never got their template",
  lost_write: "records received but not written",
  told_unsent_flows: "flows that exporters say they metered and never sent",
  told_unsent_packets: "packets in flows that exporters say they never sent",
  told_dropped_packets: "packets that exporters say they dropped",
  told_ignored_packets: "packets that exporters say they did not meter",
  malformed: "malformed inputs",
  unreadable: "records in damaged files",
  removed: "records removed by retention",
};

/** What makes the numbers on the page doubtful. Not there at all when nothing does. */
export function QualityStrip({ exporters, clocks }: Properties) {
  const lost = lossSentence(trust.value?.completeness);
  const own = ownClockSentence(trust.value?.own);
  const sentences = [
    ...clockSentences(clocks),
    ...silentSentences(exporters, now()),
    ...(lost ? [lost] : []),
    ...(own ? [own] : []),
    ...(trust.value?.warnings ?? []),
  ];
  if (sentences.length === 0) return null;
  return (
    <section class="quality" aria-label="Data quality">
      <Mark level="medium" />
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

function clockSentences(clocks: readonly ClockRow[]): string[] {
  return clocks.filter(isOff).map((clock) => {
    const by = (clock.offset_low ?? 0) > 0 ? "too late" : "too early";
    const meaning = clock.corrected
      ? "the times of its flows are corrected for that"
      : `its flows carry times that much ${by}`;
    return `The clock of ${clock.exporter} is ${clockWords(clock)}; ${meaning}.`;
  });
}

function silentSentences(exporters: readonly ExporterRow[], present: number): string[] {
  return exporters
    .filter((row) => row.state === "silent" && row.last_received !== null)
    .slice(0, SHOWN_SILENT)
    .map((row) => {
      const last = Date.parse(row.last_received ?? "");
      return `${row.exporter} last seen ${dateTime(last)} (${span((present - last) / 1000)} ago).`;
    });
}

function lossSentence(completeness: Completeness | undefined): string | null {
  const reasons = Object.entries(completeness?.reasons ?? {});
  if (reasons.length === 0) return null;
  const counted = reasons.map(([reason, lost]) => `${count(lost)} ${REASONS[reason] ?? reason}`);
  return `Incomplete: ${counted.join(", ")}.`;
}
