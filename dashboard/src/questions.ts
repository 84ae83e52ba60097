/** Questions: what the API can be asked, and the rows each gives back. */

import type { AlertRow } from "./rows/alert";
import type { ClockRow } from "./rows/clock";
import type { ExporterRow } from "./rows/exporter";
import type { FlowRow } from "./rows/flow";
import type { LinkRow } from "./rows/link";
import type { ProfileRow } from "./rows/profile";
import type { SeriesRow } from "./rows/series";
import type { SessionRow } from "./rows/session";
import type { TimeDeviceRow } from "./rows/time-device";
import type { TimeStatusRow } from "./rows/time-status";
import type { TimelineRow } from "./rows/timeline";
import type { TopRow } from "./rows/top";

export interface Rows {
  alerts: AlertRow;
  clocks: ClockRow;
  exporters: ExporterRow;
  flows: FlowRow;
  links: LinkRow;
  profile: ProfileRow;
  series: SeriesRow;
  sessions: SessionRow;
  time_devices: TimeDeviceRow;
  time_status: TimeStatusRow;
  timeline: TimelineRow;
  top: TopRow;
}

export type Resource = keyof Rows;

/** The words of the query object; what is empty is left to the server. */
export type Parameters = Partial<Record<string, string | number>>;

/** A question as a query string, the same for an answer on the page and one saved as a file. */
export function queryString(parameters: Parameters): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") words.set(name, String(value));
  }
  return words.toString();
}
