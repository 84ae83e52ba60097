/** The collector's own clock, a server that judges it, or our own server that passes it on. */
export interface TimeStatusRow {
  clock: string;
  role: "own" | "source" | "server";
  state: string;
  synchronised: boolean;
  bound_seconds: number | null;
  stratum: number | null;
  note: string | null;
}
