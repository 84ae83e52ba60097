/** What is missing from an answer, in words. */

import type { Completeness } from "./answer";
import { count } from "./units";

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

/** What was lost, and about how many flow records went with it; null where nothing was. */
export function lossSentence(found: Completeness | undefined): string | null {
  const reasons = Object.entries(found?.reasons ?? {});
  if (found === undefined || reasons.length === 0) return null;
  const counted = reasons.map(([reason, lost]) => `${count(lost)} ${REASONS[reason] ?? reason}`);
  return `Incomplete: ${[...counted, ...estimate(found)].join(", ")}.`;
}

/** Of protocols that number datagrams records are estimated; the truth lies within the error 95 times in 100. */
function estimate({ lost_records, lost_records_error, lost_upstream }: Completeness): string[] {
  const words: string[] = [];
  if (lost_records_error > 0) {
    words.push(`about ${count(lost_records)} records lost in all, give or take ${count(lost_records_error)}`);
  }
  if (lost_upstream > 0) {
    const which = lost_upstream < lost_records ? `at least ${count(lost_upstream)}` : "all";
    words.push(`${which} of them before they came here`);
  }
  return words;
}
