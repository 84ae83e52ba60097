/** The stacked chart. The only file that knows ECharts, and loaded after the page stands. */

import { LineChart, type LineSeriesOption } from "echarts/charts";
import { GridComponent, MarkAreaComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { GROUND } from "./palette";
import type { Group, Stack } from "./stack";
import { dateTime, timeOfDay } from "./time-range";
import { axisRate } from "./units";

use([LineChart, GridComponent, MarkAreaComponent, CanvasRenderer]);

export interface Picture {
  stack: Stack;
  colours: readonly string[];
  names: readonly string[];
  isDark: boolean;
  /** Whether the last bucket is still filling. */
  isOpenEnded: boolean;
}

export interface StackChart {
  draw: (picture: Picture) => void;
  /** The moment under a distance from the left edge, in CSS pixels. */
  momentAt: (x: number) => number;
  /** Where a moment lies, the other way round. */
  xAt: (moment: number) => number;
  close: () => void;
}

const DAY_MILLISECONDS = 8.64e7;

/** Put a chart into an element. It only draws; pointing, zooming and reading out are the page's own. */
export function stackChart(element: HTMLElement): StackChart {
  const chart = init(element);
  const resizing = new ResizeObserver(() => chart.resize());
  resizing.observe(element);
  return {
    draw: (picture) => draw(chart, picture),
    momentAt: (x) => Number(chart.convertFromPixel({ xAxisIndex: 0 }, x)),
    xAt: (moment) => Number(chart.convertToPixel({ xAxisIndex: 0 }, moment)),
    close: () => {
      resizing.disconnect();
      chart.dispose();
    },
  };
}

function draw(chart: ECharts, picture: Picture): void {
  const { stack, isDark } = picture;
  const ink = isDark ? "#a9b5c0" : "#55616d";
  const line = isDark ? "#26313b" : "#e6ebef";
  const first = stack.times[0] ?? 0;
  const last = (stack.times.at(-1) ?? 0) + stack.stepMilliseconds;
  chart.setOption(
    {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: {
        left: 4,
        right: 12,
        top: 10,
        bottom: 0,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
      },
      xAxis: {
        type: "time",
        min: first,
        max: last,
        axisLine: { lineStyle: { color: line } },
        axisTick: { show: false },
        axisLabel: { color: ink, hideOverlap: true, formatter: axisLabel(last - first) },
      },
      yAxis: {
        type: "value",
        splitNumber: 4,
        axisLabel: { color: ink, formatter: axisRate },
        splitLine: { lineStyle: { color: line } },
      },
      series: stack.groups.map((group, index) => series(group, index, picture, last)),
    },
    { notMerge: true },
  );
}

function series(group: Group, index: number, picture: Picture, last: number): LineSeriesOption {
  const { stack, colours, isDark, isOpenEnded } = picture;
  const colour = colours[index] ?? "#888888";
  const points: [number, number][] = stack.times.map((time, bucket) => [time, group.rates[bucket] ?? 0]);
  // A step needs an end to reach: repeat the last value where the last bucket ends.
  points.push([last, group.rates.at(-1) ?? 0]);
  const still = { xAxis: last - stack.stepMilliseconds };
  return {
    type: "line",
    stack: "all",
    step: "end",
    symbol: "none",
    name: picture.names[index] ?? group.key,
    data: points,
    lineStyle: { width: 1, color: isDark ? GROUND.dark : GROUND.light },
    areaStyle: { color: colour, opacity: isDark ? 0.85 : 0.9 },
    itemStyle: { color: colour },
    emphasis: { disabled: true },
    ...(index === 0 && isOpenEnded
      ? {
          markArea: {
            silent: true,
            itemStyle: { color: isDark ? "#141c2399" : "#ffffff99" },
            data: [[still, { xAxis: last }]],
          },
        }
      : {}),
  };
}

function axisLabel(span: number): (moment: number) => string {
  if (span <= 600_000) return timeOfDay;
  if (span <= DAY_MILLISECONDS) return (moment) => timeOfDay(moment).slice(0, 5);
  return (moment) =>
    dateTime(moment)
      .replace(/:\d\d$/, "")
      .replace(", 00:00", "");
}
