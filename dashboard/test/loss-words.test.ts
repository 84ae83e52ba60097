import { describe, expect, it } from "vitest";

import type { Completeness } from "../src/answer";
import { lossSentence } from "../src/loss-words";

function lost(reasons: Record<string, number>, records = 0, error = 0, upstream = 0): Completeness {
  return {
    fraction: 0.9,
    lost_records: records,
    lost_records_error: error,
    lost_upstream: upstream,
    reasons,
  };
}

describe("what was lost", () => {
  it("is said of nothing that is whole", () => {
    expect(lossSentence(undefined)).toBeNull();
    expect(lossSentence(lost({}))).toBeNull();
  });

  it("is counted where it can be", () => {
    expect(lossSentence(lost({ lost_queue: 1200 }, 1200))).toBe(
      "Incomplete: 1,200 records dropped before writing.",
    );
  });

  it("is estimated in records, with an error, where only datagrams were counted", () => {
    expect(lossSentence(lost({ lost_sequence_datagrams: 50 }, 1210, 34, 900))).toBe(
      "Incomplete: 50 datagrams missing by sequence number, about 1,210 records lost in all, " +
        "give or take 34, at least 900 of them before they came here.",
    );
  });

  it("tells that all went before they came here", () => {
    expect(lossSentence(lost({ lost_sequence: 7 }, 7, 0, 7))).toBe(
      "Incomplete: 7 records missing by sequence number, all of them before they came here.",
    );
  });

  it("names a reason that it has no words for", () => {
    expect(lossSentence(lost({ lost_in_thought: 2 }))).toBe("Incomplete: 2 lost_in_thought.");
  });
});
