import { useEffect, useRef, useState } from "preact/hooks";

import { isoFromMoment } from "../moment";
import { momentFromWord, NAMED_RANGES, PRESETS, rangeLabel, type Preset } from "../time-range";
import { show, view } from "../view";
import { momentFromWall, wallFromMoment, zone } from "../zone";
import { Icon } from "./icon";

/** The ranges people ask for most, and any other by its two ends in the reader's time zone. */
export function RangePicker() {
  const { since, until } = view.value;
  const isChosen = (one: Preset): boolean => one.since === since && one.until === until;
  const isPreset = PRESETS.some(isChosen);
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = (event: Event): void => {
      if (!(event.target instanceof Node) || !box.current?.contains(event.target)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setOpen(false);
    };
    addEventListener("pointerdown", closeOutside);
    addEventListener("keydown", closeOnEscape);
    return () => {
      removeEventListener("pointerdown", closeOutside);
      removeEventListener("keydown", closeOnEscape);
    };
  }, [isOpen]);

  return (
    <div class="range" ref={box}>
      <div class="choice" role="group" aria-label="Time range">
        {PRESETS.map((preset) => (
          <button
            key={preset.since}
            type="button"
            aria-pressed={isChosen(preset)}
            onClick={() => show({ since: preset.since, until: preset.until })}
          >
            {preset.label}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={!isPreset}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="calendar" />
          {isPreset ? <span class="visually-hidden">Custom range</span> : rangeLabel(since, until)}
        </button>
      </div>
      {isOpen && <CustomRange onDone={() => setOpen(false)} />}
    </div>
  );
}

function CustomRange({ onDone }: { onDone: () => void }) {
  const now = Date.now();
  const { since, until } = view.value;
  const name = zone.value;
  const [first, setFirst] = useState(wallFromMoment(momentFromWord(since, now) ?? now - 8.64e7, name));
  const [last, setLast] = useState(wallFromMoment(momentFromWord(until, now) ?? now, name));
  const isBackwards = momentFromWall(last, name) <= momentFromWall(first, name);

  const choose = (range: { since: string; until: string }): void => {
    show(range);
    onDone();
  };
  const apply = (event: Event): void => {
    event.preventDefault();
    choose({
      since: isoFromMoment(momentFromWall(first, name)),
      until: isoFromMoment(momentFromWall(last, name)),
    });
  };

  return (
    <form class="custom-range" aria-label="Custom time range" onSubmit={apply}>
      <div class="named-ranges">
        {NAMED_RANGES.map(({ label, ...range }) => (
          <button key={label} type="button" class="button" onClick={() => choose(range)}>
            {label}
          </button>
        ))}
      </div>
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          required
          value={first}
          onInput={(e) => setFirst(e.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          required
          value={last}
          onInput={(e) => setLast(e.currentTarget.value)}
        />
      </label>
      <p class="muted">{isBackwards ? "The end must come after the start." : `Times of ${name}`}</p>
      <button type="submit" class="button primary" disabled={isBackwards}>
        Show this range
      </button>
    </form>
  );
}
