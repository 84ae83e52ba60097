/** Which colour stands for what: a group keeps its own while it is on the page, whatever its rank becomes. */

export class ColourBook {
  readonly #places = new Map<string, number>();

  /** A place in the palette for each key; known keys keep theirs, new ones take what is free. */
  placesFor(keys: readonly string[]): number[] {
    for (const known of this.#places.keys()) {
      if (!keys.includes(known)) this.#places.delete(known);
    }
    for (const key of keys) {
      if (!this.#places.has(key)) this.#places.set(key, this.#firstFree());
    }
    return keys.map((key) => this.#places.get(key) ?? 0);
  }

  #firstFree(): number {
    const taken = new Set(this.#places.values());
    let place = 0;
    while (taken.has(place)) place += 1;
    return place;
  }
}
