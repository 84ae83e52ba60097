import { expect, it } from "vitest";

import { holdingsOf, wordsOf } from "../src/pages/person/holding";
import type { ProfileRow } from "../src/rows/profile";

function told(name: string, detail: string, since: string | null, until: string | null): ProfileRow {
  const nothing = { bytes: null, bytes_up: null, bytes_down: null, flows: null };
  return { section: "identity", name, address: "10.0.0.7", detail, since, until, ...nothing };
}

const MORNING = "2026-05-04T08:12:00Z";
const EVENING = "2026-05-04T17:40:00Z";

it("says who had an address when, and on whose word", () => {
  const rows = [
    told("John", "person, inventory", MORNING, EVENING),
    told("john-laptop", "machine, dhcp", MORNING, EVENING),
    told("Ann", "person, inventory", EVENING, null),
    { ...told("YouTube", "", null, null), section: "services" } as const,
  ];
  const holdings = holdingsOf(rows);
  expect(holdings).toEqual([
    {
      address: "10.0.0.7",
      since: MORNING,
      until: EVENING,
      person: "John",
      machine: "john-laptop",
      team: null,
      host: null,
      sources: ["inventory", "dhcp"],
    },
    expect.objectContaining({ person: "Ann", since: EVENING, until: null }),
  ]);
  expect(wordsOf(holdings, "person")).toEqual(["John", "Ann"]);
});
