import { useEffect, useRef, useState } from "preact/hooks";

import type { Picture, StackChart } from "../chart";
import { isoFromMoment } from "../time-range";
import { show } from "../view";
import { bucketText, Readout } from "./readout";

/** A shorter drag is a click that slipped. */
const LEAST_DRAG_PIXELS = 6;
const LEAST_ZOOM_MILLISECONDS = 2000;
const STRIDE = 10;

interface Drag {
  from: number;
  to: number;
}

/**
 * The chart's place on the page: pointing or the arrow keys read it out, dragging zooms.
 * The drawing code comes later, so that the rest need not wait for it.
 */
export function StackView({ picture, label }: { picture: Picture; label: string }) {
  const element = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<StackChart | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const { times, stepMilliseconds } = picture.stack;

  useEffect(() => {
    let isGone = false;
    let made: StackChart | null = null;
    const make = async (): Promise<void> => {
      const { stackChart } = await import("../chart");
      if (isGone || !element.current) return;
      made = stackChart(element.current);
      setChart(made);
    };
    void make();
    return () => {
      isGone = true;
      made?.close();
    };
  }, []);

  useEffect(() => chart?.draw(picture), [chart, picture]);

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
    show({ from: isoFromMoment(first), to: isoFromMoment(last) });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") setCursor(null);
    if (steps === undefined) return;
    event.preventDefault();
    const next = (cursor ?? times.length) + steps * (event.shiftKey ? STRIDE : 1);
    setCursor(Math.max(0, Math.min(times.length - 1, next)));
  };

  const width = element.current?.clientWidth ?? 0;
  const cursorX = chart && cursor !== null ? chart.xAt((times[cursor] ?? 0) + stepMilliseconds / 2) : null;
  return (
    <div class="stack">
      <div ref={element} class="chart" aria-hidden="true" />
      <div
        class="stack-touch"
        role="slider"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={times.length - 1}
        aria-valuenow={cursor ?? times.length - 1}
        aria-valuetext={cursor === null ? "nothing pointed at" : bucketText(picture, cursor)}
        tabIndex={0}
        onPointerMove={onMove}
        onPointerDown={onDown}
        onPointerUp={onUp}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setCursor(null)}
        onBlur={() => setCursor(null)}
        onKeyDown={onKeyDown}
      />
      {drag && (
        <div
          class="selection"
          style={{ left: `${Math.min(drag.from, drag.to)}px`, width: `${Math.abs(drag.to - drag.from)}px` }}
        />
      )}
      {cursorX !== null && cursor !== null && (
        <>
          <div class="cursor-line" style={{ left: `${cursorX}px` }} />
          {!drag && <Readout picture={picture} bucket={cursor} x={cursorX} width={width} />}
        </>
      )}
    </div>
  );
}
