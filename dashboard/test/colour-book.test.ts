import { expect, it } from "vitest";

import { ColourBook } from "../src/colour-book";

it("keeps a group's colour when its rank changes", () => {
  const book = new ColourBook();
  expect(book.placesFor(["tcp", "udp", "gre"])).toEqual([0, 1, 2]);
  expect(book.placesFor(["udp", "tcp", "gre"])).toEqual([1, 0, 2]);
});

it("gives a colour away once its group has left the page", () => {
  const book = new ColourBook();
  book.placesFor(["tcp", "udp", "gre"]);
  expect(book.placesFor(["esp", "gre", "tcp"])).toEqual([1, 2, 0]);
  expect(new Set(book.placesFor(["udp", "esp", "gre", "tcp"])).size).toBe(4);
});
