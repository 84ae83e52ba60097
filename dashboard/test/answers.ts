/** Answers as the API sends them, around rows of our choice. */

import type { Answer } from "../src/answer";

export function answerOf<Row>(data: Row[], change: Partial<Answer<Row>> = {}): Answer<Row> {
  return {
    data,
    columns: [],
    totals: {},
    other: null,
    completeness: { fraction: 1, lost_records: 0, lost_records_error: 0, lost_upstream: 0, reasons: {} },
    clock: { offset_low: null, offset_high: null, off: [], matters: false },
    warnings: [],
    stats: { rows: 0, files: 0, bytes: 0, milliseconds: 0 },
    since: "2026-05-04T12:00:00.000000000Z",
    until: "2026-05-04T12:00:40.000000000Z",
    filter: "any",
    ...change,
  };
}
