/** A finding, and where its evidence lies. */
export interface AlertRow {
  id: string;
  /** The same for the same trouble at another time. */
  fingerprint: string;
  detector: string;
  severity: "low" | "medium" | "high";
  title: string;
  sentence: string;
  first_seen: string;
  last_seen: string;
  actor: string;
  actor_name?: string | null;
  filter: string;
  since: string;
  until: string;
  /** The mute that hides it, where one does. */
  muted_by: string | null;
}
