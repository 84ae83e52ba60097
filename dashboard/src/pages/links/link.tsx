import { useMemo } from "preact/hooks";

import { equals } from "../../clauses";
import { Link as To } from "../../components/link";
import { MirrorPanel } from "../../components/mirror-panel";
import { RankingPanel } from "../../components/ranking-panel";
import type { Line } from "../../picture";
import { LINKS, type Place } from "../../place";
import { asked } from "../../question";
import type { LinkRow } from "../../rows/link";
import { stepSeconds } from "../../time-range";
import { useAnswer } from "../../use-answer";
import { useDirected } from "../../use-directed";
import { useFallback } from "../../use-fallback";
import { view } from "../../view";
import { ActivityPanel } from "../../components/activity-panel";
import { LinkFacts } from "./link-facts";

/** One interface: how full over time, at which hours, and by whom. */
export function Link({ place }: { place: Extract<Place, { page: "link" }> }) {
  const { since, until } = view.value;
  const exporter = equals("exporter", place.exporter);
  const either = `${exporter} and ${equals("interface", place.port)}`;
  const step = useMemo(() => stepSeconds(since, until, Date.now()), [since, until]);
  // Seen by another exporter too, it still went through this link: nothing is a duplicate here.
  const question = (clause: string) => ({
    ...asked(clause),
    step: `${step}s`,
    metrics: "bytes_estimate",
    duplicates: "all",
  });
  const incoming = useDirected(question, `${exporter} and ${equals("in_interface", place.port)}`, true);
  const outgoing = useDirected(question, `${exporter} and ${equals("out_interface", place.port)}`, false);
  const links = useAnswer("links", asked(either), 2);
  const row = links.answer?.data.find((one) => String(one.interface) === place.port) ?? null;
  const lines = useMemo(() => (row ? linesOf(row) : []), [row]);
  const talkers = useFallback(
    "top",
    { ...asked(either), metrics: "bytes,packets,flows,bytes_up,bytes_down", top: 10 },
    "user",
    "addr",
  );
  return (
    <>
      <header class="identity">
        <h1>{row ? row.link : `${place.exporter} interface ${place.port}`}</h1>
        <To to={{ place: LINKS }}>All links</To>
      </header>
      <div class="panels">
        <MirrorPanel
          title="Utilisation"
          above={{ name: "In", asked: incoming, metric: "bytes_estimate" }}
          below={{ name: "Out", asked: outgoing, metric: "bytes_estimate" }}
          lines={lines}
        />
        <LinkFacts asked={links} row={row} />
        <RankingPanel
          {...talkers}
          title={talkers.hasFallen ? "Top hosts" : "Top users"}
          area="users"
          hasDirections
        />
        <ActivityPanel title="Busy when" clause={either} />
      </div>
    </>
  );
}

function linesOf(row: LinkRow): Line[] {
  const capacity = { name: "capacity", side: "Start" } as const;
  const percentile = { name: "95th percentile", side: "End" } as const;
  const levels = [
    { ...capacity, rate: row.capacity_in, isBelow: false },
    { ...percentile, rate: row.in_p95_bps, isBelow: false },
    { ...capacity, rate: row.capacity_out, isBelow: true },
    { ...percentile, rate: row.out_p95_bps, isBelow: true },
  ];
  return levels.flatMap((level) => (level.rate ? [{ ...level, rate: level.rate }] : []));
}
