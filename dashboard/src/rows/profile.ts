/** One fact about a person or a host; `section` says what kind, and what is not told is null. */
export interface ProfileRow {
  section: "identity" | "addresses" | "services" | "categories" | "sites" | "peers" | "ports" | "activity";
  name: string | null;
  address: string | null;
  detail: string | null;
  since: string | null;
  until: string | null;
  bytes: number | null;
  bytes_up: number | null;
  bytes_down: number | null;
  flows: number | null;
}
