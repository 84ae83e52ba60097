/** Holdings: which address somebody had, from when to when, and who says so. */

import type { ProfileRow } from "../../rows/profile";

export interface Holding {
  address: string;
  since: string | null;
  until: string | null;
  person: string | null;
  machine: string | null;
  team: string | null;
  host: string | null;
  sources: string[];
}

/** Put together what the identity rows of one address and one span of time say. */
export function holdingsOf(rows: readonly ProfileRow[]): Holding[] {
  const holdings = new Map<string, Holding>();
  for (const { section, name, address, detail, since, until } of rows) {
    if (section !== "identity" || address === null) continue;
    const key = `${address} ${since} ${until}`;
    const known = holdings.get(key) ?? emptyHolding(address, since, until);
    holdings.set(key, withName(known, name, detail ?? ""));
  }
  return [...holdings.values()];
}

/** Every different word of a kind, in the order told. */
export function wordsOf(
  holdings: readonly Holding[],
  kind: "person" | "machine" | "team" | "host",
): string[] {
  return [...new Set(holdings.map((holding) => holding[kind]).filter((word) => word !== null))];
}

function emptyHolding(address: string, since: string | null, until: string | null): Holding {
  return { address, since, until, person: null, machine: null, team: null, host: null, sources: [] };
}

/** `detail` is what the name is of, and who said so: `machine, dhcp`. */
function withName(holding: Holding, name: string | null, detail: string): Holding {
  const [kind = "", source = ""] = detail.split(", ");
  const sources = holding.sources.includes(source) ? holding.sources : [...holding.sources, source];
  return { ...holding, [kind]: name, sources };
}
