import { useMemo } from "preact/hooks";

import { RankingPanel } from "../../components/ranking-panel";
import { now } from "../../live";
import { muteChanges } from "../../mutes";
import { SERIES_LIMIT } from "../../palette";
import { asked, askedCompared } from "../../question";
import type { ClockRow } from "../../rows/clock";
import type { ExporterRow } from "../../rows/exporter";
import { stepSeconds } from "../../time-range";
import { useAnswer, type Asked } from "../../use-answer";
import { useFallback } from "../../use-fallback";
import { view } from "../../view";
import { AttentionPanel } from "./attention-panel";
import { ExportersPanel } from "./exporters-panel";
import { Glance } from "./glance";
import { SPLITS, TrafficPanel } from "./traffic-panel";
import { WhoWhatPanel } from "./who-what-panel";
import { WorstLinksPanel } from "./worst-links-panel";

const DIRECTIONS = "bytes,packets,flows,bytes_up,bytes_down";

interface Properties {
  exporters: Asked<ExporterRow>;
  clocks: Asked<ClockRow>;
}

/** The day at a glance: how much, who, what, where to, and what needs somebody to look. */
export function Overview({ exporters, clocks }: Properties) {
  const { since, until, by } = view.value;
  const step = useMemo(() => stepSeconds(since, until, now()), [since, until]);
  const split = SPLITS.find((name) => name === by) ?? "category";
  const isNamed = split !== "protocol" && split !== "exporter";

  // A browser asks few questions at a time, so those that take longest come first.
  // Not cut off at now: what an exporter with a fast clock saw a moment ago carries times still to come.
  const findings = { ...asked(), until: until === "now" ? "" : until };
  const alerts = useAnswer("alerts", findings, 5, muteChanges.value);
  const links = useAnswer("links", { since, until, metrics: "bytes" }, 5);
  const traffic = useFallback(
    "series",
    { ...askedCompared(), step: `${step}s`, top: SERIES_LIMIT },
    split,
    isNamed ? "protocol" : split,
  );
  const question = askedCompared();
  const users = useFallback("top", { ...question, metrics: DIRECTIONS, top: 0 }, "user", "addr", {
    limit: 10,
  });
  const services = useFallback("top", { ...question, top: 0 }, "service", "dst_port", {
    by: "service,category",
    limit: 10,
  });
  const sites = useFallback("top", { ...question, top: 10 }, "site", "dst_addr", { by: "site,site_source" });
  const pairs = useAnswer("top", { ...asked(), by: "user,category", metrics: "bytes", top: 0 }, 2);

  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <Glance users={users} services={services} links={links} clocks={clocks} alerts={alerts} />
      <div class="panels">
        <TrafficPanel {...traffic} wanted={split} />
        <div class="beside">
          <AttentionPanel asked={alerts} findings={findings} />
          <ExportersPanel exporters={exporters} clocks={clocks.answer?.data ?? []} now={now()} />
        </div>
        <RankingPanel
          {...users}
          title={users.hasFallen ? "Top hosts" : "Top users"}
          area="users"
          hasDirections
        >
          {users.hasFallen && <Nameless what="people" />}
        </RankingPanel>
        <RankingPanel {...services} title={services.hasFallen ? "Top ports" : "Top services"} area="services">
          {services.hasFallen && <Nameless what="services" />}
        </RankingPanel>
        <RankingPanel
          {...sites}
          title={sites.hasFallen ? "Top destinations" : "Top sites"}
          area="sites"
          source="site_source"
        >
          {sites.hasFallen && <Nameless what="sites" />}
        </RankingPanel>
        <div class="column">
          <WhoWhatPanel {...pairs} />
          <WorstLinksPanel {...links} />
        </div>
      </div>
    </>
  );
}

function Nameless({ what }: { what: string }) {
  return (
    <p class="muted small-print">
      No source of names tells the {what}. An inventory file, DHCP leases or a DNS query log do.
    </p>
  );
}
