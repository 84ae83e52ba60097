import { clockWords, isOff, ownClockSentence } from "../clock-words";
import { now } from "../live";
import { lossSentence } from "../loss-words";
import { dateTime } from "../moment";
import type { ClockRow } from "../rows/clock";
import type { ExporterRow } from "../rows/exporter";
import { span } from "../units";
import { trust } from "../use-answer";
import { Mark } from "./mark";

interface Properties {
  exporters: readonly ExporterRow[];
  clocks: readonly ClockRow[];
}

const SHOWN_SILENT = 3;

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
