import { expect, it } from "vitest";

import { reportAddress, reportCommands } from "../src/pages/reports/report-address";

const BERLIN = { timeZone: "Europe/Berlin", isMasked: false };

it("a report has an address for each format, and a command that makes the same", () => {
  expect(reportAddress("weekly", BERLIN)).toBe("/api/v1/report/weekly?time_zone=Europe%2FBerlin");
  expect(reportAddress("a b", { ...BERLIN, isMasked: true }, "csv")).toBe(
    "/api/v1/report/a%20b.csv?time_zone=Europe%2FBerlin&mask_users=true",
  );
  expect(reportCommands("weekly", { ...BERLIN, isMasked: true }).make).toBe(
    "tidegauge report weekly --time-zone Europe/Berlin --mask-users --output weekly.html",
  );
});
