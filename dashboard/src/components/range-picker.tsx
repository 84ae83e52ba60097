import { useEffect, useRef, useState } from "preact/hooks";

import { inputFromMoment, isoFromMoment, momentFromWord, PRESETS, rangeLabel } from "../time-range";
import { show, view } from "../view";
import { Icon } from "./icon";

/** The ranges people ask for most, and any other by its two ends in the reader's time zone. */
export function RangePicker() {
  const { from, to } = view.value;
  const isPreset = to === "now" && PRESETS.some((preset) => preset.from === from);
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
            key={preset.from}
            type="button"
            aria-pressed={to === "now" && preset.from === from}
            onClick={() => show({ from: preset.from, to: "now" })}
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
          {isPreset ? <span class="visually-hidden">Custom range</span> : rangeLabel(from, to)}
        </button>
      </div>
      {isOpen && <CustomRange onDone={() => setOpen(false)} />}
    </div>
  );
}

function CustomRange({ onDone }: { onDone: () => void }) {
  const now = Date.now();
  const { from, to } = view.value;
  const [first, setFirst] = useState(inputFromMoment(momentFromWord(from, now) ?? now - 3.6e6));
  const [last, setLast] = useState(inputFromMoment(momentFromWord(to, now) ?? now));
  const isBackwards = Date.parse(last) <= Date.parse(first);

  const apply = (event: Event): void => {
    event.preventDefault();
    show({ from: isoFromMoment(Date.parse(first)), to: isoFromMoment(Date.parse(last)) });
    onDone();
  };

  return (
    <form class="custom-range" aria-label="Custom time range" onSubmit={apply}>
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
      <p class="muted">{isBackwards ? "The end must come after the start." : `Times of ${timeZone()}`}</p>
      <button type="submit" class="button primary" disabled={isBackwards}>
        Show this range
      </button>
    </form>
  );
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
