import { describe, expect, it } from "vitest";

import { OTHER_KEY, UNKNOWN_KEY } from "../src/names";
import { isNameless, rankedBy } from "../src/ranked";
import type { TopRow } from "../src/rows/top";
import { answerOf } from "./answers";

function row(service: string | null, source: string, bytes: number): TopRow {
  return { service, site_source: source, bytes, packets: 1, flows: 1, bytes_up: 1, bytes_down: bytes - 1 };
}

describe("rankedBy", () => {
  const answer = answerOf(
    [
      row("YouTube", "dns", 50),
      row(null, "hidden", 400),
      row("Dropbox", "sni", 60),
      row("YouTube", "sni", 30),
    ],
    { other: { bytes: 7, flows: 2 } },
  );

  it("sums the rows of a value and collects how it is known", () => {
    const [first] = rankedBy(answer, "service", "site_source");
    expect(first).toEqual({
      key: "YouTube",
      bytes: 80,
      up: 2,
      down: 78,
      flows: 2,
      before: null,
      sources: ["dns", "sni"],
    });
  });

  it("puts what nobody knows after what has a name, and what was left out last", () => {
    expect(rankedBy(answer, "service").map(({ key, bytes }) => [key, bytes])).toEqual([
      ["YouTube", 80],
      ["Dropbox", 60],
      [UNKNOWN_KEY, 400],
      [OTHER_KEY, 7],
    ]);
  });

  it("adds what is beyond the limit to what the server left out, so that nothing is missing", () => {
    const rows = rankedBy(answer, "service", "", 1);
    expect(rows.at(-1)).toMatchObject({ key: OTHER_KEY, bytes: 67, flows: 3 });
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(547);
  });

  it("tells what was before where a comparison was asked for", () => {
    const compared = answerOf([{ ...row("Zoom", "dns", 10), bytes_before: 25 }]);
    expect(rankedBy(compared, "service")[0]?.before).toBe(25);
    const fresh = answerOf([{ ...row("Zoom", "dns", 10), bytes_before: null }]);
    expect(rankedBy(fresh, "service")[0]?.before).toBe(0);
  });
});

describe("isNameless", () => {
  it("is so when there are rows and none has a value", () => {
    expect(isNameless(answerOf([row(null, "", 1)]), "service")).toBe(true);
    expect(isNameless(answerOf([row(null, "", 1), row("Zoom", "", 1)]), "service")).toBe(false);
  });

  it("cannot be told of no rows, or of no answer", () => {
    expect(isNameless(answerOf<TopRow>([]), "service")).toBe(false);
    expect(isNameless(null, "service")).toBe(false);
  });
});
