import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import type { SessionRow } from "../../rows/session";
import type { Asked } from "../../use-answer";
import { show, view } from "../../view";

const SHOWN = 6;

/** What somebody did, as one would tell it; the rest is in the table of sessions. */
export function StoryPanel({ asked, name }: { asked: Asked<SessionRow>; name: string }) {
  const rows = asked.answer?.data ?? [];
  const told = [...rows.filter(({ service }) => service), ...rows.filter(({ service }) => !service)];
  return (
    <Panel title="In words" area="story" asked={asked}>
      {told.length === 0 ? (
        <NothingDone name={name} />
      ) : (
        <ul>
          {told.slice(0, SHOWN).map((row) => (
            <li key={`${row.user} ${row.service}`}>
              <p>{row.sentence}</p>
              <p class="sub">
                {spanWords(row)}
                {row.note && `; ${row.note}`}
              </p>
            </li>
          ))}
        </ul>
      )}
      {told.length > SHOWN && (
        <p class="muted small-print">and {told.length - SHOWN} more, in the table of sessions</p>
      )}
    </Panel>
  );
}

/** From when to when; the day of the end only where it is another. */
function spanWords(row: SessionRow): string {
  const [first, last] = [Date.parse(row.first_seen), Date.parse(row.last_seen)];
  return `${shortMoment(first, now())} to ${shortMoment(last, first)}`;
}

function NothingDone({ name }: { name: string }) {
  const { filter } = view.value;
  if (filter === "") return <Notice title={`Nothing seen of ${name} in this range`} />;
  return (
    <Notice
      title={`Nothing seen of ${name} that matches the filter`}
      action={{ label: "Drop the filter", run: () => show({ filter: "" }) }}
    >
      The filter is <code>{filter}</code>.
    </Notice>
  );
}
