import type { AlertRow } from "../answer";
import { timeOfDay } from "../time-range";
import type { Asked } from "../use-answer";
import { show } from "../view";
import { Mark } from "./mark";
import { Panel } from "./panel";

const SHOWN = 5;

/** What the detectors saw, worst first. */
export function AlertsPanel(asked: Asked<AlertRow>) {
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
      {alerts.length > SHOWN && <p class="muted">and {alerts.length - SHOWN} more</p>}
    </Panel>
  );
}

function Alert({ alert }: { alert: AlertRow }) {
  const evidence = { filter: alert.filter, from: alert.since, to: alert.until };
  return (
    <li class={`alert ${alert.severity}`}>
      <p class="alert-head">
        <Mark level={alert.severity} />
        <strong>{alert.severity}</strong>
        <span>{alert.title}</span>
        <time dateTime={alert.last_seen} class="muted">
          {timeOfDay(Date.parse(alert.last_seen))}
        </time>
      </p>
      <p>{alert.sentence}</p>
      <button type="button" class="link" onClick={() => show(evidence)}>
        See the flows behind it
      </button>
    </li>
  );
}
