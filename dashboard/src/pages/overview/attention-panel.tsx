import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Link } from "../../components/link";
import { Mark } from "../../components/mark";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import { now } from "../../live";
import { openMenu } from "../../menu";
import { shortMoment } from "../../moment";
import { muteChanges, muteItems, unmute } from "../../mutes";
import { FLOWS } from "../../place";
import type { Parameters } from "../../questions";
import type { AlertRow } from "../../rows/alert";
import { useAnswer, type Asked } from "../../use-answer";

const SHOWN = 5;

interface Properties {
  asked: Asked<AlertRow>;
  /** The question, to ask again for what is muted. */
  findings: Parameters;
}

/** What the detectors saw, worst first, no more than one can take in; and what of it is muted. */
export function AttentionPanel({ asked, findings }: Properties) {
  const [showsMuted, setShowsMuted] = useState(false);
  const alerts = asked.answer?.data ?? [];
  const muted = asked.answer?.totals.muted ?? 0;
  return (
    <Panel title="Needs attention" area="alerts" asked={asked}>
      {alerts.length === 0 && (
        <p class="calm">
          <Mark level="good" /> Nothing {muted > 0 ? "else " : ""}strange seen in this range.
        </p>
      )}
      <AlertList alerts={alerts} action={MuteButton} />
      {muted > 0 && (
        <button
          type="button"
          class="link"
          aria-expanded={showsMuted}
          onClick={() => setShowsMuted(!showsMuted)}
        >
          {showsMuted ? "Hide" : "Show"} {muted} muted
        </button>
      )}
      {muted > 0 && showsMuted && <MutedAlerts findings={findings} />}
    </Panel>
  );
}

/** What mutes hide, each with the way to see it again. */
function MutedAlerts({ findings }: { findings: Parameters }) {
  const { answer } = useAnswer("alerts", { ...findings, muted: "true" }, 5, muteChanges.value);
  return <AlertList alerts={answer?.data ?? []} action={UnmuteButton} />;
}

type Action = (properties: { alert: AlertRow }) => ComponentChildren;

function AlertList({ alerts, action: Act }: { alerts: AlertRow[]; action: Action }) {
  return (
    <>
      <ul class="alert-list">
        {alerts.slice(0, SHOWN).map((alert) => (
          <Alert key={alert.id} alert={alert}>
            <Act alert={alert} />
          </Alert>
        ))}
      </ul>
      {alerts.length > SHOWN && <p class="muted small-print">and {alerts.length - SHOWN} more</p>}
    </>
  );
}

function Alert({ alert, children }: { alert: AlertRow; children: ComponentChildren }) {
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
      <p class="alert-actions">
        <Link class="link" to={evidence}>
          See the flows behind it
        </Link>
        {children}
      </p>
    </li>
  );
}

function MuteButton({ alert }: { alert: AlertRow }) {
  return (
    <button
      type="button"
      class="link"
      aria-haspopup="menu"
      onClick={(event) => openMenu(event.currentTarget, "Mute", muteItems(alert, now()))}
    >
      Mute…
    </button>
  );
}

function UnmuteButton({ alert: { muted_by } }: { alert: AlertRow }) {
  return (
    <button type="button" class="link" onClick={() => muted_by && void unmute(muted_by)}>
      Tell again
    </button>
  );
}
