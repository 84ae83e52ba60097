import type { AlertRow, ClockRow, ExporterRow, SeriesRow } from "../answer";
import { isOff } from "../clock-words";
import { beat } from "../live";
import { spanMilliseconds } from "../time-range";
import { bitRate, count, shortCount, span, volume } from "../units";
import type { Asked } from "../use-answer";
import { view } from "../view";
import { Tile } from "./tile";

interface Properties {
  series: Asked<SeriesRow>;
  exporters: Asked<ExporterRow>;
  clocks: Asked<ClockRow>;
  alerts: Asked<AlertRow>;
}

/** The day in six numbers. */
export function Tiles({ series, exporters, clocks, alerts }: Properties) {
  const { from, to } = view.value;
  const totals = series.problem ? undefined : series.answer?.totals;
  return (
    <dl class="tiles" aria-label="At a glance">
      <Tile
        name="Arriving now"
        value={beat.value && bitRate(beat.value.overview.bits_per_second)}
        note={`all traffic, last ${beat.value?.overview.window_seconds ?? 60} s`}
      />
      <Tile
        name="Volume"
        value={totals ? volume(totals.bytes ?? 0) : null}
        note={`in ${span(spanMilliseconds(from, to, Date.now()) / 1000)}`}
      />
      <Tile
        name="Flows"
        value={totals ? shortCount(totals.flows ?? 0) : null}
        note={totals && `${shortCount(totals.packets ?? 0)} packets`}
      />
      <ExporterTile rows={exporters.answer?.data} />
      <ClockTile rows={clocks.answer?.data} />
      <AlertTile rows={alerts.problem ? undefined : alerts.answer?.data} />
    </dl>
  );
}

function ExporterTile({ rows }: { rows: ExporterRow[] | undefined }) {
  if (!rows) return <Tile name="Exporters" value={null} />;
  const silent = rows.filter((row) => row.state === "silent").length;
  return (
    <Tile
      name="Exporters"
      value={`${rows.length - silent} up`}
      level={rows.length === 0 ? "unknown" : silent > 0 ? "medium" : "good"}
      note={rows.length === 0 ? "none heard yet" : silent > 0 ? `${silent} silent` : "none silent"}
    />
  );
}

function ClockTile({ rows }: { rows: ClockRow[] | undefined }) {
  if (!rows) return <Tile name="Clocks off" value={null} />;
  const off = rows.filter(isOff).length;
  return (
    <Tile
      name="Clocks off"
      value={`${off} of ${rows.length}`}
      level={rows.length === 0 ? "unknown" : off > 0 ? "medium" : "good"}
      note={off > 0 ? "by more than 1 s" : "none by more than 1 s"}
    />
  );
}

function AlertTile({ rows }: { rows: AlertRow[] | undefined }) {
  if (!rows) return <Tile name="Alerts" value={null} />;
  const high = rows.filter((row) => row.severity === "high").length;
  const worst = rows[0]?.severity ?? "good";
  return (
    <Tile
      name="Alerts"
      value={count(rows.length)}
      level={worst}
      note={high > 0 ? `${high} high` : rows.length > 0 ? `worst: ${worst}` : "nothing strange seen"}
    />
  );
}
