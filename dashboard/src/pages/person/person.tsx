import { useMemo } from "preact/hooks";

import { equals } from "../../clauses";
import { ActivityPanel } from "../../components/activity-panel";
import { MirrorPanel } from "../../components/mirror-panel";
import { RankingPanel } from "../../components/ranking-panel";
import type { Place } from "../../place";
import { asked } from "../../question";
import { stepSeconds } from "../../time-range";
import { useAnswer } from "../../use-answer";
import { view } from "../../view";
import { AddressesPanel } from "./addresses-panel";
import { Identity } from "./identity";
import { PeersPanel } from "./peers-panel";
import { PortsPanel } from "./ports-panel";
import { SessionsPanel } from "./sessions-panel";
import { StoryPanel } from "./story-panel";

const SESSIONS = 100;
const PEERS = 10;

/** Everything one person did, or one address: in words, in sessions, over time, where to and when. */
export function Person({ place }: { place: Extract<Place, { page: "user" | "host" }> }) {
  const { since, until } = view.value;
  const name = place.page === "user" ? place.name : place.address;
  const field = place.page === "user" ? "user" : "addr";
  const clause = equals(field, name);
  const question = asked(clause);
  const step = useMemo(() => stepSeconds(since, until, Date.now()), [since, until]);

  const sessions = useAnswer("sessions", { ...question, by: "user,service", top: SESSIONS });
  const traffic = useAnswer("series", { ...question, step: `${step}s`, metrics: "bytes_down,bytes_up" });
  const sites = useAnswer("top", { ...question, by: "site,site_source", top: 10 });
  const profile = useAnswer("profile", { ...question, top: PEERS }, 2);
  return (
    <>
      <Identity name={name} field={field} profile={profile} />
      <div class="panels">
        <StoryPanel asked={sessions} name={name} />
        <MirrorPanel
          title="Traffic"
          above={{ name: "Down", asked: traffic, metric: "bytes_down" }}
          below={{ name: "Up", asked: traffic, metric: "bytes_up" }}
        />
        <SessionsPanel {...sessions} />
        <div class="column">
          <RankingPanel asked={sites} title="Sites" area="sites" field="site" source="site_source">
            <p class="muted small-print">
              A site is “not known” where neither the hello nor a DNS question could be seen: it is hidden,
              not absent.
            </p>
          </RankingPanel>
          <PeersPanel {...profile} />
        </div>
        <div class="column">
          <ActivityPanel title="Active when" clause={clause} />
          <AddressesPanel {...profile} />
          <PortsPanel {...profile} />
        </div>
      </div>
    </>
  );
}
