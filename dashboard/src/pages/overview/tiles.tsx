import { isOff } from "../../clock-words";
import { Tile } from "../../components/tile";
import { beat } from "../../live";
import { CLOCKS, USERS } from "../../place";
import { isValue, rankedBy } from "../../ranked";
import type { AlertRow } from "../../rows/alert";
import type { ClockRow } from "../../rows/clock";
import type { TopRow } from "../../rows/top";
import { spanMilliseconds } from "../../time-range";
import { bitRate, count, share, span, volume } from "../../units";
import type { Asked } from "../../use-answer";
import { view } from "../../view";

/** How much was moved, and how much is moving. */
export function TrafficTile({ services }: { services: Asked<TopRow> }) {
  const { since, until } = view.value;
  const totals = services.problem ? undefined : services.answer?.totals;
  const rate = beat.value && bitRate(beat.value.overview.bits_per_second);
  const seconds = spanMilliseconds(since, until, Date.now()) / 1000;
  return (
    <Tile
      name="Traffic"
      value={totals ? volume(totals.bytes ?? 0) : null}
      note={`in ${span(seconds)}${rate && until === "now" ? `, now ${rate}` : ""}`}
    />
  );
}

/** How many people moved anything, or addresses where nobody is named. */
export function UsersTile({ users, hasFallen }: { users: Asked<TopRow>; hasFallen: boolean }) {
  const { answer } = users;
  if (!answer) return <Tile name="Users active" value={null} />;
  const rows = rankedBy(answer, "user").filter(isValue);
  const most = rows[0];
  if (hasFallen) return <Tile name="Users active" value="–" note="no source of names yet" />;
  return (
    <Tile
      name="Users active"
      value={count(rows.length)}
      note={most && `most: ${most.key}`}
      to={{ place: USERS }}
    />
  );
}

const LEISURE = ["streaming", "downloads"];

/** How much of the traffic people watch and fetch. */
export function LeisureTile({ services }: { services: Asked<TopRow> }) {
  const { answer } = services;
  if (!answer) return <Tile name="Streaming + downloads" value={null} />;
  const rows = rankedBy(answer, "category");
  const named = rows.filter(isValue);
  const bytes = named.filter((row) => LEISURE.includes(row.key)).reduce((sum, row) => sum + row.bytes, 0);
  const total = Number(answer.totals.bytes ?? 0);
  if (named.length === 0) {
    return <Tile name="Streaming + downloads" value="–" note="no service is named yet" />;
  }
  const filter = `category in [${LEISURE.join(", ")}]`;
  return (
    <Tile name="Streaming + downloads" value={share(bytes, total)} note={volume(bytes)} to={{ filter }} />
  );
}

/** How many exporters' clocks are proven wrong. */
export function ClockTile({ clocks }: { clocks: Asked<ClockRow> }) {
  const rows = clocks.answer?.data.filter((row) => row.clock === "wall");
  if (!rows) return <Tile name="Clocks off" value={null} />;
  const off = rows.filter(isOff).length;
  return (
    <Tile
      name="Clocks off"
      value={`${off} of ${rows.length}`}
      level={rows.length === 0 ? "unknown" : off > 0 ? "medium" : "good"}
      note={off > 0 ? "by more than 1 s" : "none by more than 1 s"}
      to={{ place: CLOCKS }}
    />
  );
}

/** How many findings, and how bad the worst is. */
export function AlertTile({ alerts }: { alerts: Asked<AlertRow> }) {
  const rows = alerts.problem ? undefined : alerts.answer?.data;
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
