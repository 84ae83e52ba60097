import type { RefObject } from "preact";

import { OVERVIEW } from "../place";
import { AsOf } from "./as-of";
import { ComparePicker } from "./compare-picker";
import { FilterBox } from "./filter-box";
import { Icon } from "./icon";
import { Link } from "./link";
import { LiveButton } from "./live-button";
import { Navigation } from "./navigation";
import { RangePicker } from "./range-picker";
import { ThemeButton } from "./theme-button";
import { WaitingBar } from "./waiting-bar";
import { ZonePicker } from "./zone-picker";

interface Properties {
  filterInput: RefObject<HTMLInputElement | null>;
  onHelp: () => void;
}

/** The pages, and the bar that every question on every page obeys. */
export function Header({ filterInput, onHelp }: Properties) {
  return (
    <header class="bar">
      <div class="bar-row">
        <Link class="brand" to={{ place: OVERVIEW }} label="tidegauge, overview">
          <img src="/icon.svg" alt="" width="28" height="28" />
          <span>tidegauge</span>
        </Link>
        <Navigation />
        <div class="bar-end">
          <AsOf />
          <LiveButton />
          <ThemeButton />
          <button type="button" class="icon-button" aria-label="Help" title="Help (?)" onClick={onHelp}>
            <Icon name="help" />
          </button>
        </div>
      </div>
      <div class="bar-row question">
        <FilterBox input={filterInput} />
        <RangePicker />
        <ComparePicker />
        <ZonePicker />
      </div>
      <WaitingBar />
    </header>
  );
}
