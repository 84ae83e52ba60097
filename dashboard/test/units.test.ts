import { describe, expect, it } from "vitest";

import { axisRate, bitRate, count, share, shortCount, span, volume } from "../src/units";

describe("numbers for people", () => {
  it.each([
    [bitRate(0), "0 b/s"],
    [bitRate(999), "999 b/s"],
    [bitRate(999.6), "1.00 kb/s"],
    [bitRate(171_400_000), "171 Mb/s"],
    [bitRate(50_000_000), "50.0 Mb/s"],
    [axisRate(0), "0"],
    [axisRate(10_000_000), "10 Mb/s"],
    [axisRate(2_500_000), "2.5 Mb/s"],
    [axisRate(400_000_000), "400 Mb/s"],
    [volume(1_250_000_000), "1.25 GB"],
    [volume(1e21), "1000 EB"],
    [count(4210), "4,210"],
    [shortCount(9999), "9,999"],
    [shortCount(3_100_000), "3.10 M"],
    [share(31, 100), "31 %"],
    [share(1, 1000), "<1 %"],
    [share(1, 0), "0 %"],
    [span(12), "12 s"],
    [span(300), "300 s"],
    [span(900), "15 min"],
    [span(7200), "2 h"],
    [span(864_000), "10 d"],
  ])("%s", (text, expected) => {
    expect(text).toBe(expected);
  });
});
