import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import type { RateChart } from "./chart";
import type { Picture } from "./picture";
import { undrawn } from "./underway";

/** The chart in an element, drawn anew with each picture. Its code comes later, so that the page need not wait. */
export function useRateChart(element: RefObject<HTMLDivElement | null>, picture: Picture): RateChart | null {
  const [chart, setChart] = useState<RateChart | null>(null);

  useLayoutEffect(() => {
    let isGone = false;
    let made: RateChart | null = null;
    const make = async (): Promise<void> => {
      undrawn.value += 1;
      const { rateChart } = await import("./chart").finally(() => (undrawn.value -= 1));
      if (isGone || !element.current) return;
      made = rateChart(element.current);
      setChart(made);
    };
    void make();
    return () => {
      isGone = true;
      made?.close();
    };
  }, []);

  useEffect(() => chart?.draw(picture), [chart, picture]);
  return chart;
}
