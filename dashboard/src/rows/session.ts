/** What somebody was at: the union of their flows, gaps under five minutes closed. */
export interface SessionRow {
  user?: string | null;
  service?: string | null;
  category?: string | null;
  sessions: number;
  seconds: number;
  bytes: number;
  bytes_up: number;
  bytes_down: number;
  first_seen: string;
  last_seen: string;
  /** A lower bound; null where nothing that was seen hands in mail. */
  mails: number | null;
  /** What cannot be known, such as how many mails a webmail session holds. */
  note: string;
  /** The row as one would tell it. */
  sentence: string;
}
