import { describe, expect, it } from "vitest";

import { placeOf, valueItems } from "../src/value-actions";

function labels(field: string, value: string | number | null): string[] {
  return valueItems(field, value).map((item) => item.label);
}

describe("what can be done with a value", () => {
  it("is to narrow to it, leave it out, or copy it", () => {
    expect(labels("category", "streaming")).toEqual(["Only this", "Without this", "Copy"]);
  });

  it("is to choose its end, where it has two", () => {
    expect(labels("dst_port", 443)).toEqual([
      "Only this",
      "Without this",
      "As source",
      "As destination",
      "As either end",
      "Copy",
    ]);
  });

  it("is to open its page, where it has one", () => {
    expect(labels("user", "John")).toContain("Open its page");
    expect(placeOf("src_addr", "10.0.0.7")).toEqual({ page: "host", address: "10.0.0.7" });
    expect(placeOf("exporter", "10.0.0.7")).toBeNull();
  });

  it("of what nobody knows is only a filter", () => {
    expect(labels("user", null)).toEqual(["Only this", "Without this"]);
    expect(valueItems("user", null)[0]?.hint).toBe("user = null");
  });
});
