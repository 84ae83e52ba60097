import { describe, expect, it } from "vitest";

import { FIRST_VIEW, addressFromView, viewAfter, viewFromAddress, type View } from "../src/view";

function readBack(address: string): View {
  const { pathname, search } = new URL(address, "http://localhost");
  return viewFromAddress(pathname, search);
}

describe("the view in the address", () => {
  it("is readable, in the words of the query object", () => {
    const view: View = {
      ...FIRST_VIEW,
      place: { page: "users" },
      filter: "src net 10.0.0.0/8 and port = 443",
      since: "now-1h",
      by: "team",
    };
    expect(addressFromView(view)).toBe(
      "/users?filter=src+net+10.0.0.0/8+and+port+=+443&since=now-1h&by=team",
    );
  });

  it.each<View>([
    FIRST_VIEW,
    {
      place: { page: "user", name: "Ann O'Neil/2" },
      filter: 'site = "a&b+c #1"',
      since: "2026-01-01T00:00:00Z",
      until: "2026-01-02T00:00:00Z",
      compare: "1w",
      time_zone: "Europe/Berlin",
      by: "exporter",
      order: "bytes:asc",
      part: "timeline",
      kind: "dns",
      shown: "200",
      cursor: "WyJhIl0",
    },
    { ...FIRST_VIEW, place: { page: "host", address: "2001:db8::1" }, filter: "bytes > 50%" },
    { ...FIRST_VIEW, place: { page: "link", exporter: "192.0.2.1", port: "3" } },
  ])("survives the way there and back: %j", (view) => {
    expect(readBack(addressFromView(view))).toEqual(view);
  });

  it("takes the first view for what is missing", () => {
    expect(viewFromAddress("/", "")).toEqual(FIRST_VIEW);
    expect(viewFromAddress("/", "?since=&filter=")).toEqual(FIRST_VIEW);
  });

  it("still reads the words of the first release", () => {
    expect(viewFromAddress("/", "?v=1&q=udp&from=now-1h&to=now")).toEqual({
      ...FIRST_VIEW,
      filter: "udp",
      since: "now-1h",
    });
  });
});

describe("going elsewhere", () => {
  const here: View = { ...FIRST_VIEW, filter: "udp", since: "now-7d", by: "protocol", order: "flows" };

  it("keeps the question, but not how the last page was sorted and grouped", () => {
    expect(viewAfter(here, { place: { page: "users" } })).toEqual({
      ...here,
      place: { page: "users" },
      by: "",
      order: "",
    });
  });

  it("begins a list at its beginning when it is asked otherwise", () => {
    const later: View = { ...here, cursor: "WyJhIl0" };
    expect(viewAfter(later, { order: "bytes" }).cursor).toBe("");
    expect(viewAfter(later, { time_zone: "UTC" }).cursor).toBe("");
    expect(viewAfter(here, { cursor: "WyJiIl0" })).toEqual({ ...here, cursor: "WyJiIl0" });
  });

  it("keeps everything when only the question changes", () => {
    expect(viewAfter(here, { filter: "tcp" })).toEqual({ ...here, filter: "tcp" });
  });
});
