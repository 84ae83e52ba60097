import { afterEach, describe, expect, it, vi } from "vitest";

import { mute, muteChanges, muteItems, unmute } from "../src/mutes";
import type { AlertRow } from "../src/rows/alert";
import { toast } from "../src/toast";

const ALERT = {
  fingerprint: "0123456789ab",
  detector: "scan",
  title: "Possible scan",
  actor: "10.0.0.66",
} as AlertRow;
const NOON = Date.parse("2026-01-01T12:00:00Z");

function serverSaying(status: number, body: object | null = null) {
  const reply = body === null ? new Response(null, { status }) : Response.json(body, { status });
  const server = vi.fn((_url: string, _request: RequestInit) => Promise.resolve(reply));
  vi.stubGlobal("fetch", server);
  return server;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a finding can be muted", () => {
  it("with a scope and for how long", async () => {
    const server = serverSaying(201, {});
    muteItems(ALERT, NOON)[2]?.run?.();
    await vi.waitFor(() => expect(toast.value?.title).toBe("Muted"));
    const [url, request] = server.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/mutes");
    expect(JSON.parse(String(request?.body))).toEqual({
      detector: "scan",
      about: "10.0.0.66",
      until: "2026-01-08T12:00:00.000Z",
      reason: "muted on the page",
    });
    expect(request?.headers).toEqual({ "content-type": "application/json" });
  });

  it("and told again", async () => {
    const server = serverSaying(204);
    const before = muteChanges.value;
    await unmute("ab12cd34");
    expect(server).toHaveBeenCalledWith(
      "/api/v1/mutes/ab12cd34",
      expect.objectContaining({ method: "DELETE" }),
    );
    expect(muteChanges.value).toBe(before + 1);
  });

  it("and what went wrong is said", async () => {
    serverSaying(503, { title: "Service Unavailable", detail: "The lake is read-only." });
    await mute({ finding: "0123456789ab" });
    expect(toast.value).toEqual({ title: "Nothing was changed", text: "The lake is read-only." });
  });
});
