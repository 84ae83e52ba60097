import { describe, expect, it } from "vitest";

import { FIRST_VIEW, searchFromView, viewFromSearch, type View } from "../src/view";

describe("the view in the URL", () => {
  it("is readable", () => {
    const view: View = { ...FIRST_VIEW, filter: "src net 10.0.0.0/8 and port = 443", from: "now-1h" };
    expect(searchFromView(view)).toBe("?v=1&q=src+net+10.0.0.0/8+and+port+=+443&from=now-1h&to=now");
  });

  it.each<View>([
    FIRST_VIEW,
    {
      filter: 'site = "a&b+c #1"',
      from: "2026-01-01T00:00:00Z",
      to: "2026-01-02T00:00:00Z",
      by: "exporter",
      top: "dst_port",
    },
    { filter: "bytes > 50%", from: "now-7d", to: "now", by: "src_addr", top: "dst_addr" },
  ])("survives the way there and back: %j", (view) => {
    expect(viewFromSearch(searchFromView(view))).toEqual(view);
  });

  it("takes the first view for what is missing or unknown", () => {
    expect(viewFromSearch("")).toEqual(FIRST_VIEW);
    expect(viewFromSearch("?by=password&top=&from=")).toEqual(FIRST_VIEW);
  });
});
