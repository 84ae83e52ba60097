import type { RefObject } from "preact";

import { waiting } from "../use-answer";
import { FilterBox } from "./filter-box";
import { Icon } from "./icon";
import { LiveButton } from "./live-button";
import { RangePicker } from "./range-picker";
import { ThemeButton } from "./theme-button";

interface Properties {
  filterInput: RefObject<HTMLInputElement | null>;
  onHelp: () => void;
}

/** The bar that every question on the page obeys. */
export function Header({ filterInput, onHelp }: Properties) {
  return (
    <header class="bar">
      <a class="brand" href="/" aria-label="tidegauge, overview">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>tidegauge</span>
      </a>
      <FilterBox input={filterInput} />
      <RangePicker />
      <div class="bar-end">
        <LiveButton />
        <ThemeButton />
        <button type="button" class="icon-button" aria-label="Help" title="Help (?)" onClick={onHelp}>
          <Icon name="help" />
        </button>
      </div>
      <div class={waiting.value > 0 ? "progress on" : "progress"} aria-hidden="true" />
    </header>
  );
}
