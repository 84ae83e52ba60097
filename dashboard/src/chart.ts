/** The chart of rates over time. The only file that knows ECharts, and loaded after the page stands. */

import { LineChart, type LineSeriesOption } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { dateTime, timeOfDay } from "./moment";
import { GROUND, INK } from "./palette";
import type { Layer, Line, Picture } from "./picture";
import { axisRate } from "./units";

use([LineChart, GridComponent, MarkAreaComponent, MarkLineComponent, CanvasRenderer]);

export interface RateChart {
  draw: (picture: Picture) => void;
  /** The moment under a distance from the left edge, in CSS pixels. */
  momentAt: (x: number) => number;
  /** Where a moment lies, the other way round. */
  xAt: (moment: number) => number;
  close: () => void;
}

const DAY_MILLISECONDS = 8.64e7;

/** Put a chart into an element. It only draws; pointing, zooming and reading out are the page's own. */
export function rateChart(element: HTMLElement): RateChart {
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
  const { ink, line } = picture.isDark ? INK.dark : INK.light;
  const first = picture.times[0] ?? 0;
  const last = (picture.times.at(-1) ?? 0) + picture.stepMilliseconds;
  const hasLevels = picture.lines.length > 0;
  const layers = picture.layers.map((layer, index) => layerSeries(layer, index, picture, last));
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
        ...extent(picture),
        axisLabel: {
          color: ink,
          formatter: (rate: number) => axisRate(Math.abs(rate)),
          // The ends are made to fit a level, so their numbers are not round.
          showMinLabel: !hasLevels,
          showMaxLabel: !hasLevels,
        },
        splitLine: { lineStyle: { color: line } },
      },
      series: picture.before.length > 0 ? [...layers, beforeSeries(picture, last, ink)] : layers,
    },
    { notMerge: true },
  );
}

/** A level drawn across belongs on the page even when the traffic is far from it, but not ten times as far. */
function extent(picture: Picture): { min?: number; max?: number } {
  const reach = (isBelow: boolean): number | undefined => {
    const rates = picture.layers
      .filter((layer) => Boolean(layer.isBelow) === isBelow)
      .flatMap((layer) => layer.rates);
    const peak = Math.max(0, ...rates);
    const near = picture.lines.filter((one) => one.isBelow === isBelow && one.rate < 8 * peak);
    const top = Math.max(peak, ...near.map((one) => one.rate));
    return near.length > 0 && top > peak ? top * 1.08 : undefined;
  };
  const [above, below] = [reach(false), reach(true)];
  return { ...(above !== undefined && { max: above }), ...(below !== undefined && { min: -below }) };
}

function layerSeries(layer: Layer, index: number, picture: Picture, last: number): LineSeriesOption {
  const { isDark, isOpenEnded } = picture;
  const still = { xAxis: last - picture.stepMilliseconds };
  const sign = layer.isBelow ? -1 : 1;
  return {
    type: "line",
    stack: layer.isBelow ? "below" : "above",
    step: "end",
    symbol: "none",
    name: layer.name,
    data: points(
      picture,
      layer.rates.map((rate) => rate * sign),
      last,
    ),
    lineStyle: { width: 1, color: isDark ? GROUND.dark : GROUND.light },
    areaStyle: { color: layer.colour, opacity: isDark ? 0.85 : 0.9 },
    itemStyle: { color: layer.colour },
    emphasis: { disabled: true },
    ...(index === 0 && { markLine: levels(picture.lines, isDark) }),
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

function beforeSeries(picture: Picture, last: number, ink: string): LineSeriesOption {
  return {
    type: "line",
    step: "end",
    symbol: "none",
    name: "before",
    data: points(picture, picture.before, last),
    lineStyle: { width: 1.5, type: "dashed", color: ink },
    emphasis: { disabled: true },
  };
}

/** A step needs an end to reach: the last value is repeated where the last bucket ends. */
function points(picture: Picture, rates: readonly number[], last: number): [number, number][] {
  const drawn: [number, number][] = picture.times.map((time, bucket) => [time, rates[bucket] ?? 0]);
  return [...drawn, [last, rates.at(-1) ?? 0]];
}

function levels(lines: readonly Line[], isDark: boolean): NonNullable<LineSeriesOption["markLine"]> {
  const { ink } = isDark ? INK.dark : INK.light;
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: ink, type: "dashed", width: 1 },
    data: lines.map((one) => ({
      name: one.name,
      yAxis: one.isBelow ? -one.rate : one.rate,
      label: { color: ink, position: `inside${one.side}${one.isBelow ? "Bottom" : "Top"}`, formatter: "{b}" },
    })),
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
