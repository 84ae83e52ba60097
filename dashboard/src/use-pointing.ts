import { useState } from "preact/hooks";

import type { RateChart } from "./chart";
import { isoFromMoment } from "./moment";
import type { Picture } from "./picture";
import { show } from "./view";

/** A shorter drag is a click that slipped. */
const LEAST_DRAG_PIXELS = 6;
const LEAST_ZOOM_MILLISECONDS = 2000;
const STRIDE = 10;

/** The part of the chart that is being dragged over, in CSS pixels from its left edge. */
export interface Drag {
  from: number;
  to: number;
}

/** Pointing at a chart, by pointer or arrow keys, reads a bucket out; dragging over it zooms. */
export function usePointing(chart: RateChart | null, { times, stepMilliseconds }: Picture) {
  const [cursor, setCursor] = useState<number | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);

  const bucketAt = (x: number): number => {
    const bucket = Math.floor(((chart?.momentAt(x) ?? 0) - (times[0] ?? 0)) / stepMilliseconds);
    return Math.max(0, Math.min(times.length - 1, bucket));
  };
  const onMove = (event: PointerEvent): void => {
    if (!chart) return;
    setCursor(bucketAt(event.offsetX));
    if (drag) setDrag({ ...drag, to: event.offsetX });
  };
  const onDown = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: event.offsetX, to: event.offsetX });
  };
  const onUp = (): void => {
    setDrag(null);
    if (!chart || !drag || Math.abs(drag.to - drag.from) < LEAST_DRAG_PIXELS) return;
    const first = chart.momentAt(Math.min(drag.from, drag.to));
    const last = Math.max(chart.momentAt(Math.max(drag.from, drag.to)), first + LEAST_ZOOM_MILLISECONDS);
    setCursor(null);
    show({ since: isoFromMoment(first), until: isoFromMoment(last) });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") setCursor(null);
    if (steps === undefined) return;
    event.preventDefault();
    const next = (cursor ?? times.length) + steps * (event.shiftKey ? STRIDE : 1);
    setCursor(Math.max(0, Math.min(times.length - 1, next)));
  };

  return {
    cursor,
    drag,
    handlers: {
      onPointerMove: onMove,
      onPointerDown: onDown,
      onPointerUp: onUp,
      onPointerCancel: () => setDrag(null),
      onPointerLeave: () => setCursor(null),
      onBlur: () => setCursor(null),
      onKeyDown,
    },
  };
}
