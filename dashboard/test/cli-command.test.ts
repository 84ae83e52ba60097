import { describe, expect, it } from "vitest";

import { commandFrom } from "../src/cli-command";

describe("the command behind a panel", () => {
  it("ranks by what the panel ranks by", () => {
    const question = { filter: "dst port 443", since: "now-24h", until: "now", by: "user", top: 10 };
    expect(commandFrom("top", question)).toBe(
      "tidegauge top user --since now-24h --until now --limit 10 'dst port 443'",
    );
  });

  it("says the grouping as an option elsewhere, and leaves out what is empty", () => {
    expect(commandFrom("series", { filter: "", by: "category", step: "900s", order: "" })).toBe(
      "tidegauge series --by category --step 900s",
    );
  });

  it("quotes for the shell", () => {
    expect(commandFrom("sessions", { filter: 'user = "Ann O\'Neil"' })).toBe(
      `tidegauge sessions 'user = "Ann O'\\''Neil"'`,
    );
  });
});
