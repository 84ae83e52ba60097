/** Where a report is found, and the commands that make it or send it elsewhere. */

import { queryString } from "../../questions";

/** How a report is asked: in the zone of the page, with names or with numbers in their place. */
export interface Asking {
  timeZone: string;
  isMasked: boolean;
}

/** The report's address, as a page or as a file of another format. */
export function reportAddress(name: string, { timeZone, isMasked }: Asking, format = "html"): string {
  const words = queryString({ time_zone: timeZone, ...(isMasked && { mask_users: "true" }) });
  const suffix = format === "html" ? "" : `.${format}`;
  return `/api/v1/report/${encodeURIComponent(name)}${suffix}?${words}`;
}

/** The command that makes the same report, and the one that mails it. */
export function reportCommands(name: string, { timeZone, isMasked }: Asking): { make: string; mail: string } {
  const words = `tidegauge report ${name} --time-zone ${timeZone}${isMasked ? " --mask-users" : ""}`;
  return { make: `${words} --output ${name}.html`, mail: `tidegauge report ${name} --mail boss@example.com` };
}

/** What to write into the report's file so that it goes out by itself. */
export const SCHEDULE = `[schedule]
every = "monday"
at = "06:00"
to = ["boss@example.com"]`;
