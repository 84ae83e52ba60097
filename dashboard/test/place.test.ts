import { describe, expect, it } from "vitest";

import { pathOf, placeFromPath, type Place } from "../src/place";

describe("places", () => {
  it.each<[string, Place]>([
    ["/", { page: "overview" }],
    ["/users", { page: "users" }],
    ["/users/John", { page: "user", name: "John" }],
    ["/users/Ann%20O%2FNeil", { page: "user", name: "Ann O/Neil" }],
    ["/hosts/fd10:0:10::17", { page: "host", address: "fd10:0:10::17" }],
    ["/links", { page: "links" }],
    ["/links/192.0.2.1/3", { page: "link", exporter: "192.0.2.1", port: "3" }],
    ["/flows", { page: "flows" }],
    ["/clocks", { page: "clocks" }],
    ["/reports", { page: "reports" }],
    ["/nothing", { page: "nowhere", path: "/nothing" }],
  ])("%s leads there and back", (path, place) => {
    expect(placeFromPath(path)).toEqual(place);
    expect(pathOf(place)).toBe(path);
  });

  it("forgives a trailing slash and a half-typed address", () => {
    expect(placeFromPath("/users/")).toEqual({ page: "users" });
    expect(placeFromPath("/links/192.0.2.1")).toEqual({ page: "links" });
    expect(placeFromPath("/users/50%")).toEqual({ page: "user", name: "50%" });
  });
});
