import { Link } from "../../components/link";
import { Mark } from "../../components/mark";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import { FLOWS } from "../../place";
import type { AlertRow } from "../../rows/alert";
import type { Asked } from "../../use-answer";

const SHOWN = 5;

/** What the detectors saw, worst first, no more than one can take in. */
export function AttentionPanel(asked: Asked<AlertRow>) {
  const alerts = asked.answer?.data ?? [];
  return (
    <Panel title="Needs attention" area="alerts" asked={asked}>
      {alerts.length === 0 && (
        <p class="calm">
          <Mark level="good" /> Nothing strange seen in this range.
        </p>
      )}
      <ul class="alert-list">
        {alerts.slice(0, SHOWN).map((alert) => (
          <Alert key={alert.id} alert={alert} />
        ))}
      </ul>
      {alerts.length > SHOWN && <p class="muted small-print">and {alerts.length - SHOWN} more</p>}
    </Panel>
  );
}

function Alert({ alert }: { alert: AlertRow }) {
  const evidence = { place: FLOWS, filter: alert.filter, since: alert.since, until: alert.until };
  const began = Date.parse(alert.first_seen);
  return (
    <li class={`alert ${alert.severity}`}>
      <p class="alert-head">
        <Mark level={alert.severity} />
        <strong>{alert.severity}</strong>
        <span class="alert-title">{alert.title}</span>
        <time dateTime={alert.first_seen} class="muted">
          {shortMoment(began, now())}
        </time>
      </p>
      {alert.actor && (
        <p class="alert-who">
          <ValueButton field="addr" value={alert.actor}>
            {alert.actor_name ?? alert.actor}
          </ValueButton>
        </p>
      )}
      <p>{alert.sentence}</p>
      <Link class="link" to={evidence}>
        See the flows behind it
      </Link>
    </li>
  );
}
