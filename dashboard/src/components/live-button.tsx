import { connection, isLive, isOpenEnded, isPaused } from "../live";
import { FIRST_VIEW, show, view } from "../view";
import { Icon } from "./icon";

/** Whether the page follows the traffic; pressing it stops or resumes that. */
export function LiveButton() {
  return (
    <button type="button" class={`live ${isLive.value ? "on" : ""}`} title={title()} onClick={press}>
      {isLive.value ? (
        <span class="live-dot" aria-hidden="true" />
      ) : (
        <Icon name={isPaused.value ? "play" : "pause"} />
      )}
      {word()}
    </button>
  );
}

function press(): void {
  if (isOpenEnded.value) isPaused.value = !isPaused.value;
  else show({ since: FIRST_VIEW.since, until: FIRST_VIEW.until });
}

function word(): string {
  if (view.value.until !== "now") return "Past";
  if (isPaused.value) return "Paused";
  return connection.value === "open" ? "Live" : connection.value === "lost" ? "Reconnecting…" : "Connecting…";
}

function title(): string {
  if (!isOpenEnded.value) return "Back to the last 24 hours, live";
  return isPaused.value ? "Follow the traffic again (p)" : "Stop following the traffic (p)";
}
