import { useMemo } from "preact/hooks";

import { equals } from "../../clauses";
import { Choice } from "../../components/choice";
import { ActivityPanel } from "../../components/activity-panel";
import { MirrorPanel } from "../../components/mirror-panel";
import { RankingPanel } from "../../components/ranking-panel";
import type { Place } from "../../place";
import { asked } from "../../question";
import type { ProfileRow } from "../../rows/profile";
import { stepSeconds } from "../../time-range";
import { useAnswer, type Asked } from "../../use-answer";
import { show, view } from "../../view";
import { AddressesPanel } from "./addresses-panel";
import { holdingsOf } from "./holding";
import { Identity } from "./identity";
import { Life } from "./life";
import { PeersPanel } from "./peers-panel";
import { PortsPanel } from "./ports-panel";
import { SessionsPanel } from "./sessions-panel";
import { StoryPanel } from "./story-panel";

const SESSIONS = 100;
const PEERS = 10;

const PARTS = ["", "timeline"] as const;

/** One person, or one address: what they did by and large, or all of it in order. */
export function Person({ place }: { place: Extract<Place, { page: "user" | "host" }> }) {
  const part = PARTS.find((one) => one === view.value.part) ?? "";
  const isUser = place.page === "user";
  const name = isUser ? place.name : place.address;
  const field = isUser ? "user" : "addr";
  const profile = useAnswer("profile", { ...asked(equals(field, name)), top: PEERS }, 2);
  return (
    <>
      <Identity name={name} field={field} profile={profile} />
      <Choice
        label="What to see"
        words={PARTS}
        chosen={part}
        name={(word) => (word === "" ? "Summary" : "Timeline")}
        onChoose={(next) => show({ part: next, kind: "", shown: "", by: "", order: "" })}
      />
      {part === "" && <Summary name={name} field={field} profile={profile} />}
      {part === "timeline" && !isUser && <Life addresses={[name]} />}
      {part === "timeline" && isUser && profile.answer && (
        <Life addresses={addressesOf(profile.answer.data)} user={name} />
      )}
    </>
  );
}

/** The addresses somebody had, the one got last first. */
function addressesOf(rows: readonly ProfileRow[]): string[] {
  const latest = holdingsOf(rows).toSorted((a, b) => (b.since ?? "").localeCompare(a.since ?? ""));
  return [...new Set(latest.map(({ address }) => address))];
}

interface Properties {
  name: string;
  field: string;
  profile: Asked<ProfileRow>;
}

/** In words, in sessions, over time, where to and when. */
function Summary({ name, field, profile }: Properties) {
  const { since, until } = view.value;
  const clause = equals(field, name);
  const question = asked(clause);
  const step = useMemo(() => stepSeconds(since, until, Date.now()), [since, until]);

  const sessions = useAnswer("sessions", { ...question, by: "user,service", top: SESSIONS });
  const traffic = useAnswer("series", { ...question, step: `${step}s`, metrics: "bytes_down,bytes_up" });
  const sites = useAnswer("top", { ...question, by: "site,site_source", top: 10 });
  return (
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
            A site is “not known” where neither the hello nor a DNS question could be seen: it is hidden, not
            absent.
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
  );
}
