/** A report that can be made: what is in it, when it goes out, and how it can be written. */
export interface ReportRow {
  name: string;
  title: string;
  period: string;
  time_zone: string;
  mask_users: boolean;
  schedule: { to: string[]; every: string; at: string } | null;
  sections: string[];
  formats: string[];
}

/** One whose file has a mistake. */
export interface TornReport {
  name: string;
  title: string;
  problem: string;
}
