import { describe, expect, it } from "vitest";

import type { TimeDeviceRow } from "../src/rows/time-device";
import { deviceLevel, syncWords, tally } from "../src/time-device-words";

function device(change: Partial<TimeDeviceRow>): TimeDeviceRow {
  return {
    address: "10.0.0.1",
    machine: null,
    user: null,
    last_seen: "2026-01-01T12:00:00.000000000Z",
    server: "192.0.2.123",
    is_server_home: false,
    requests: 4,
    answers: 4,
    first_asked: null,
    last_asked: null,
    is_own_server: false,
    interval_seconds: 64,
    state: "asks",
    offset_seconds: null,
    sync: "unknown",
    seen_by: "flows",
    ...change,
  };
}

describe("a device's clock in words", () => {
  it.each([
    [device({}), "not known: others serve it", "unknown"],
    [device({ answers: 0 }), "not known: others serve it", "low"],
    [device({ is_own_server: true }), "not known: it hides its clock", "unknown"],
    [device({ state: "never asks", server: null, requests: null }), "not known: it asks nobody", "low"],
    [device({ sync: "off", offset_seconds: -300 }), "300 s slow", "medium"],
    [device({ sync: "in sync", offset_seconds: 0.0012 }), "in sync, 1.2 ms fast", "good"],
  ])("%#: %s", (row, words, level) => {
    expect(syncWords(row)).toBe(words);
    expect(deviceLevel(row)).toBe(level);
  });

  it("counts each device once, by what is known best", () => {
    const rows = [
      device({}),
      device({ sync: "in sync" }),
      device({ address: "10.0.0.2", sync: "off" }),
      device({ address: "10.0.0.2" }),
      device({ address: "10.0.0.3", state: "never asks" }),
    ];
    expect(tally(rows)).toBe("1 off · 1 in sync · 1 ask nobody");
    expect(tally([])).toBe("");
  });
});
