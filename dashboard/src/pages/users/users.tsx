import { useMemo, useState } from "preact/hooks";

import { Choice } from "../../components/choice";
import { EmptyRange } from "../../components/empty-range";
import { Panel } from "../../components/panel";
import { fieldName } from "../../names";
import { asked, askedCompared } from "../../question";
import { isNameless } from "../../ranked";
import { stepSeconds } from "../../time-range";
import { useAnswer } from "../../use-answer";
import { show, view } from "../../view";
import { entriesOf, extrasOf, shapesOf } from "./roster";
import { RosterTable } from "./roster-table";

const GROUPS = ["user", "machine", "addr", "team"] as const;
const SHOWN = 100;
const SPARK_POINTS = 32;
const OWN_ORDER = "bytes";

/** Everybody there is, by person, machine, address or team. */
export function Users() {
  const { since, until, by, order } = view.value;
  const chosen = GROUPS.find((name) => name === by) ?? "user";
  const people = useAnswer("top", chosen === "user" ? question("user", order) : null);
  // Addresses are always there, names are not.
  const hasNone = by === "" && isNameless(people.answer, "user");
  const group = hasNone ? "addr" : chosen;
  const others = useAnswer("top", group === "user" ? null : question(group, order));
  const roster = group === "user" ? people : others;

  const step = useMemo(() => stepSeconds(since, until, Date.now(), SPARK_POINTS), [since, until]);
  const details = useAnswer("top", { ...asked(), by: `${group},user_source,service`, top: 0 }, 2);
  const series = useAnswer("series", { ...asked(), by: group, step: `${step}s`, top: SHOWN }, 2);
  const [search, setSearch] = useState("");

  const entries = roster.answer ? entriesOf(roster.answer, group) : [];
  const found = entries.filter(({ key }) => key.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <>
      <h1>Users &amp; hosts</h1>
      <Panel
        title={`By ${fieldName(group).toLowerCase()}`}
        area="roster"
        asked={roster}
        aside={<Controls group={group} search={search} onSearch={setSearch} />}
      >
        {roster.answer?.totals.flows === 0 ? (
          <EmptyRange answer={roster.answer} />
        ) : (
          <RosterTable
            group={group}
            entries={found}
            extras={details.answer ? extrasOf(details.answer, group) : new Map()}
            shapes={series.answer ? shapesOf(series.answer, group, step) : new Map()}
          />
        )}
        {hasNone && (
          <p class="muted small-print">
            By address, since no source of names tells the people. An inventory file, DHCP leases or RADIUS
            accounting do.
          </p>
        )}
        {entries.length === SHOWN && (
          <p class="muted small-print">The first {SHOWN}; a filter shows others.</p>
        )}
      </Panel>
    </>
  );
}

interface ControlsProperties {
  group: (typeof GROUPS)[number];
  search: string;
  onSearch: (text: string) => void;
}

/** Who is looked for, and what a line stands for. */
function Controls({ group, search, onSearch }: ControlsProperties) {
  return (
    <>
      <input
        type="search"
        class="search"
        placeholder="Find a name"
        aria-label="Find a name"
        value={search}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
      <Choice
        label="Group by"
        words={GROUPS}
        chosen={group}
        name={fieldName}
        onChoose={(next) => show({ by: next, order: "" })}
      />
    </>
  );
}

function question(group: string, order: string) {
  return {
    ...askedCompared(),
    by: group,
    metrics: "bytes,bytes_down,bytes_up,flows,last_seen",
    order: order || OWN_ORDER,
    top: SHOWN,
  };
}
