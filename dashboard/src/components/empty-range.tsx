import type { Answer } from "../answer";
import { beat } from "../live";
import { dateTime, isoFromMoment } from "../moment";
import { shortCount } from "../units";
import { show, view } from "../view";
import { Notice } from "./notice";

const LEAST_SPAN_MILLISECONDS = 60_000;

/** Why there is nothing to draw: no flow was ever received, none in this range, or none that the filter lets by. */
export function EmptyRange({ answer }: { answer: Answer<unknown> }) {
  const known = beat.value?.overview;
  if (known?.flows === 0) {
    return (
      <Notice title="No flows received">
        Start <code>tidegauge collect --listen udp://0.0.0.0:2055</code> and point your router's flow export
        here, or see the page at work with <code>tidegauge demo</code>.
      </Notice>
    );
  }
  if (view.value.filter !== "") {
    return (
      <Notice
        title={`0 of ${shortCount(known?.flows ?? 0)} flows match in this range`}
        action={{ label: "Drop the filter", run: () => show({ filter: "" }) }}
      >
        The filter is <code>{view.value.filter}</code>.
      </Notice>
    );
  }
  const from = dateTime(Date.parse(answer.since ?? ""));
  const to = dateTime(Date.parse(answer.until ?? ""));
  const first = known?.first_seen ? Date.parse(known.first_seen) : null;
  const last = known?.last_seen ? Date.parse(known.last_seen) : null;
  if (first === null || last === null) return <Notice title={`No flow between ${from} and ${to}`} />;
  const goThere = (): void =>
    show({
      since: isoFromMoment(first),
      until: isoFromMoment(Math.max(last, first + LEAST_SPAN_MILLISECONDS) + 1000),
    });
  return (
    <Notice title={`No flow between ${from} and ${to}`} action={{ label: "Go there", run: goThere }}>
      The lake holds {dateTime(first)} to {dateTime(last)}.
    </Notice>
  );
}
