import { useEffect, useMemo, useRef } from "preact/hooks";

import type { AlertRow, ClockRow, ExporterRow, SeriesRow, TopRow } from "./answer";
import { AlertsPanel } from "./components/alerts-panel";
import { Chips } from "./components/chips";
import { ExportersPanel } from "./components/exporters-panel";
import { Footer } from "./components/footer";
import { Header } from "./components/header";
import { Help } from "./components/help";
import { QualityStrip } from "./components/quality-strip";
import { TalkersPanel } from "./components/talkers-panel";
import { Tiles } from "./components/tiles";
import { TrafficPanel } from "./components/traffic-panel";
import { listenToKeys, type Key } from "./keyboard";
import { beat, isPaused, refresh } from "./live";
import { SERIES_LIMIT } from "./palette";
import { stepSeconds } from "./time-range";
import { useAnswer } from "./use-answer";
import { view } from "./view";

const TALKERS = 10;
const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The overview: one page, one filter, one range. */
export function App() {
  const { filter, from, to, by, top } = view.value;
  const range = { filter, since: from, until: to };
  const step = useMemo(() => stepSeconds(from, to, Date.now()), [from, to]);
  const tick = refresh.value;

  const series = useAnswer<SeriesRow>(
    "series",
    { ...range, by, step: `${step}s`, top: SERIES_LIMIT, time_zone: TIME_ZONE },
    tick,
  );
  const talkers = useAnswer<TopRow>(
    "top",
    { ...range, by: top, metrics: "bytes,packets,flows,bytes_up,bytes_down", top: TALKERS },
    tick,
  );
  const exporters = useAnswer<ExporterRow>("exporters", {}, everyOther(tick, 2));
  const clocks = useAnswer<ClockRow>("clocks", {}, everyOther(tick, 2));
  // Not cut off at now: what an exporter with a fast clock saw a moment ago carries times still to come.
  const alerts = useAnswer<AlertRow>(
    "alerts",
    { ...range, until: to === "now" ? "" : to },
    everyOther(tick, 5),
  );
  const now = beat.value ? Date.parse(beat.value.time) : Date.now();

  const filterInput = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const keys = useMemo<Key[]>(
    () => [
      { key: "/", does: "Write a filter", run: () => filterInput.current?.select() },
      { key: "p", does: "Pause or follow the traffic", run: () => (isPaused.value = !isPaused.value) },
      { key: "?", does: "Show this help", run: () => help.current?.showModal() },
    ],
    [],
  );
  useEffect(() => listenToKeys(keys), [keys]);

  return (
    <>
      <Header filterInput={filterInput} onHelp={() => help.current?.showModal()} />
      <main>
        <h1 class="visually-hidden">Overview</h1>
        <Chips />
        <QualityStrip
          completeness={series.answer?.completeness}
          warnings={series.answer?.warnings ?? []}
          exporters={exporters.answer?.data ?? []}
          clocks={clocks.answer?.data ?? []}
          now={now}
        />
        <Tiles series={series} exporters={exporters} clocks={clocks} alerts={alerts} />
        <div class="panels">
          <TrafficPanel {...series} />
          <AlertsPanel {...alerts} />
          <TalkersPanel {...talkers} />
          <ExportersPanel exporters={exporters} clocks={clocks.answer?.data ?? []} now={now} />
        </div>
      </main>
      <Footer series={series} />
      <Help dialog={help} keys={keys} />
    </>
  );
}

/** Slower than the refresh itself, for what changes slowly or costs much to find. */
function everyOther(tick: number, times: number): number {
  return Math.floor(tick / times);
}
