import { describe, expect, it } from "vitest";

import {
  clausesOf,
  differs,
  equals,
  filterReplacing,
  filterWith,
  filterWithout,
  noneOf,
} from "../src/clauses";

describe("clausesOf", () => {
  it.each([
    ["", []],
    ["  ", []],
    ["src net 10.0.0.0/8", ["src net 10.0.0.0/8"]],
    ["src net 10.0.0.0/8 and dst port 443", ["src net 10.0.0.0/8", "dst port 443"]],
    ["a = 1 AND b = 2 && c = 3", ["a = 1", "b = 2", "c = 3"]],
    ["(a = 1 and b = 2) and c = 3", ["(a = 1 and b = 2)", "c = 3"]],
    ['site = "rock and roll" and a = 1', ['site = "rock and roll"', "a = 1"]],
    ["port in [80, 443] and tcp", ["port in [80, 443]", "tcp"]],
  ])("cuts %j", (filter, clauses) => {
    expect(clausesOf(filter)).toEqual(clauses);
  });

  it("cuts nothing where an or makes the parts depend on each other", () => {
    expect(clausesOf("tcp and port 80 or udp")).toEqual(["tcp and port 80 or udp"]);
  });
});

describe("filterWith", () => {
  it("narrows", () => {
    expect(filterWith("", "a = 1")).toBe("a = 1");
    expect(filterWith("a = 1", "b = 2")).toBe("a = 1 and b = 2");
  });

  it("keeps an or together", () => {
    expect(filterWith("tcp or udp", "b = 2")).toBe("(tcp or udp) and b = 2");
  });

  it("does not say the same twice", () => {
    expect(filterWith("a = 1 and b = 2", "b = 2")).toBe("a = 1 and b = 2");
  });

  it("is undone by filterWithout", () => {
    expect(filterWithout(filterWith("a = 1", "b = 2"), "b = 2")).toBe("a = 1");
    expect(filterWithout("a = 1", "a = 1")).toBe("");
  });
});

describe("equals", () => {
  it("quotes what is not one plain word", () => {
    expect(equals("src_addr", "2001:db8::1")).toBe("src_addr = 2001:db8::1");
    expect(equals("protocol", 6)).toBe("protocol = 6");
    expect(equals("site", 'rock "n" roll')).toBe('site = "rock \\"n\\" roll"');
  });
});

describe("filterReplacing", () => {
  it("rewrites one clause and leaves the others", () => {
    expect(filterReplacing("a = 1 and b = 2", "b = 2", "b = 3")).toBe("a = 1 and b = 3");
    expect(filterReplacing("a = 1 and b = 2", "b = 2", "b = 3 or c = 4")).toBe("a = 1 and (b = 3 or c = 4)");
  });

  it("drops a clause rewritten as nothing", () => {
    expect(filterReplacing("a = 1 and b = 2", "a = 1", " ")).toBe("b = 2");
  });

  it("takes a lone clause as a whole filter", () => {
    expect(filterReplacing("a = 1", "a = 1", "b = 2 or c = 3")).toBe("b = 2 or c = 3");
  });
});

describe("what is not known", () => {
  it("is a value like any other", () => {
    expect(equals("user", null)).toBe("user = null");
    expect(differs("user", null)).toBe("not user = null");
  });

  it("is not mistaken for somebody called Null", () => {
    expect(equals("user", "Null")).toBe('user = "Null"');
  });
});

describe("noneOf", () => {
  it("leaves out all that is listed, the unknown too", () => {
    expect(noneOf("service", ["YouTube", "Prime Video"])).toBe('not service in [YouTube, "Prime Video"]');
    expect(noneOf("service", ["YouTube", null])).toBe("not service in [YouTube] and not service = null");
  });
});
