import { useRef } from "preact/hooks";

import type { Picture } from "../picture";
import { usePointing } from "../use-pointing";
import { useRateChart } from "../use-rate-chart";
import { bucketText, Readout } from "./readout";

/** The chart's place on the page: pointing or the arrow keys read it out, dragging zooms. */
export function RateView({ picture, label }: { picture: Picture; label: string }) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRateChart(element, picture);
  const { cursor, drag, handlers } = usePointing(chart, picture);
  const { times, stepMilliseconds } = picture;

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
        {...handlers}
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
