import { changeWords } from "../../change";
import { Badge } from "../../components/badge";
import { Link } from "../../components/link";
import { SortHeading } from "../../components/sort-heading";
import { Sparkline } from "../../components/sparkline";
import { ValueButton } from "../../components/value-button";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import { fieldName, UNKNOWN_KEY } from "../../names";
import { count, volume } from "../../units";
import { openMenu } from "../../menu";
import { placeOf, valueItems } from "../../value-actions";
import { Icon } from "../../components/icon";
import type { Entry, Extras } from "./roster";

interface Properties {
  group: string;
  entries: readonly Entry[];
  extras: Map<string, Extras>;
  shapes: Map<string, number[]>;
}

const OWN = "bytes";

/** Who is there, how much each moved, with what, and when last. */
export function RosterTable({ group, entries, extras, shapes }: Properties) {
  const isCompared = entries.some((entry) => entry.before !== null);
  return (
    <div class="scroll">
      <table class="roster-table">
        <thead>
          <tr>
            <SortHeading name={fieldName(group)} column={group} own={OWN} isNumber={false} />
            <SortHeading name="Volume" column="bytes" own={OWN} />
            {isCompared && (
              <th scope="col" class="number">
                Change
              </th>
            )}
            <SortHeading name="Down" column="bytes_down" own={OWN} isWide />
            <SortHeading name="Up" column="bytes_up" own={OWN} isWide />
            <th scope="col">Top service</th>
            <SortHeading name="Flows" column="flows" own={OWN} isWide />
            <SortHeading name="Last seen" column="last_seen" own={OWN} isWide />
            <th scope="col" class="wide">
              Over time
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row
              key={entry.key}
              group={group}
              entry={entry}
              extras={extras.get(entry.key)}
              shape={shapes.get(entry.key) ?? []}
              isCompared={isCompared}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProperties {
  group: string;
  entry: Entry;
  extras: Extras | undefined;
  shape: readonly number[];
  isCompared: boolean;
}

function Row({ group, entry, extras, shape, isCompared }: RowProperties) {
  const last = entry.lastSeen ? Date.parse(entry.lastSeen) : null;
  return (
    <tr>
      <th scope="row">
        <span class="bar-name">
          <Name group={group} name={entry.key} />
          {group === "user" && extras?.sources.map((source) => <Badge key={source} source={source} />)}
        </span>
      </th>
      <td class="number strong">{volume(entry.bytes)}</td>
      {isCompared && (
        <td class="number">{entry.before === null ? "–" : changeWords(entry.bytes, entry.before)}</td>
      )}
      <td class="number wide">{entry.down > 0 ? volume(entry.down) : "–"}</td>
      <td class="number wide">{entry.up > 0 ? volume(entry.up) : "–"}</td>
      <td>
        {extras?.service ? (
          <ValueButton field="service" value={extras.service} />
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      <td class="number wide">{count(entry.flows)}</td>
      <td class="number wide">
        {last !== null && <time dateTime={entry.lastSeen ?? ""}>{shortMoment(last, now())}</time>}
      </td>
      <td class="wide">
        <Sparkline values={shape} />
      </td>
    </tr>
  );
}

/** In a list of those who have a page, the name leads there; its arrow holds the filters. */
function Name({ group, name }: { group: string; name: string }) {
  if (name === UNKNOWN_KEY) return <ValueButton field={group} value={null} />;
  const place = placeOf(group, name);
  if (!place) return <ValueButton field={group} value={name} />;
  return (
    <span class="value-group">
      <Link class="name" to={{ place }}>
        {name}
      </Link>
      <button
        type="button"
        class="more"
        aria-label={`Filter by ${name}`}
        aria-haspopup="menu"
        onClick={(event) => openMenu(event.currentTarget, name, valueItems(group, name))}
      >
        <Icon name="down" />
      </button>
    </span>
  );
}
