import { describe, expect, it } from "vitest";

import { entriesOf, extrasOf, shapesOf } from "../src/pages/users/roster";
import { answerOf } from "./answers";

describe("the roster", () => {
  it("has a row for each group, in the server's order", () => {
    const row = { user: "John", bytes: 500, packets: 9, flows: 3, bytes_up: 100, bytes_down: 400 };
    expect(entriesOf(answerOf([{ ...row, last_seen: "2026-05-04T12:00:00Z" }]), "user")).toEqual([
      {
        key: "John",
        bytes: 500,
        up: 100,
        down: 400,
        before: null,
        flows: 3,
        lastSeen: "2026-05-04T12:00:00Z",
      },
    ]);
  });

  it("names the largest service that has a name, and every source of the person's own", () => {
    const counted = { packets: 1, flows: 1 };
    const extras = extrasOf(
      answerOf([
        { user: "John", user_source: "dhcp", service: "Zoom", bytes: 10, ...counted },
        { user: "John", user_source: "dhcp", service: null, bytes: 90, ...counted },
        { user: "John", user_source: "inventory", service: "YouTube", bytes: 50, ...counted },
      ]),
      "user",
    );
    expect(extras.get("John")).toEqual({ service: "YouTube", sources: ["dhcp", "inventory"] });
  });

  it("knows the shape of each over the range", () => {
    const shapes = shapesOf(
      answerOf([
        { time: "2026-05-04T12:00:00Z", user: "John", bytes: 5 },
        { time: "2026-05-04T12:00:30Z", user: "John", bytes: 7 },
        { time: "2026-05-04T12:00:30Z", user: null, bytes: 9 },
      ]),
      "user",
      10,
    );
    expect(shapes.get("John")).toEqual([5, 0, 0, 7]);
  });
});
