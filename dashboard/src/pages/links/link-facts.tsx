import type { ComponentChildren } from "preact";

import { Measured } from "../../components/measured";
import { Meter } from "../../components/meter";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import type { LinkRow } from "../../rows/link";
import { bothWays, coverage, expectedCoverage } from "../../link-words";
import { bitRate, count, duration, milliseconds, percent, volume } from "../../units";
import type { Asked } from "../../use-answer";
import { capacityWords, UNCOUNTED } from "./links-table";

/** What is known of a link, one line each. */
export function LinkFacts({ asked, row }: { asked: Asked<LinkRow>; row: LinkRow | null }) {
  return (
    <Panel title="This link" area="facts" asked={asked}>
      {row ? <Facts row={row} /> : <Notice title="Nothing went through it in this range" />}
    </Panel>
  );
}

function Facts({ row }: { row: LinkRow }) {
  return (
    <dl class="facts-list">
      <Fact name="Capacity">{capacityWords(row)}</Fact>
      <Fact name="In, 95th percentile">
        <Meter rate={row.in_p95_bps} capacity={row.capacity_in} />
      </Fact>
      <Fact name="Out, 95th percentile">
        <Meter rate={row.out_p95_bps} capacity={row.capacity_out} />
      </Fact>
      <Fact name="Busiest minute">
        {bitRate(row.in_peak_bps)} in, {bitRate(row.out_peak_bps)} out
      </Fact>
      <Fact name="Volume">
        {volume(row.bytes_in)} in, {volume(row.bytes_out)} out
      </Fact>
      <Fact name="Seen in flows">
        <Measured value={coverage(row)} why={UNCOUNTED}>
          {() => <Coverage row={row} />}
        </Measured>
      </Fact>
      <Fact name="Time above 80 %">
        {row.minutes_above_80 === null ? "needs a capacity" : duration(row.minutes_above_80 * 60)}
      </Fact>
      {row.bottleneck_hours && row.bottleneck_hours.length > 0 && (
        <Fact name="Worst hours">
          {row.bottleneck_hours
            .slice(0, 3)
            .map((hour) => shortMoment(Date.parse(hour), now()))
            .join("; ")}
        </Fact>
      )}
      <Fact name="Round trip">
        <Measured value={row.rtt_p50} needs="TCP timing">
          {(rtt) => `${milliseconds(rtt)}, 95 % within ${milliseconds(row.rtt_p95 ?? rtt)}`}
        </Measured>
      </Fact>
      <Fact name="Half the answers">
        <Measured value={row.response_p50_high} needs="start and end times fine enough">
          {(high) => responseWords(row.response_p50_low ?? 0, high)}
        </Measured>
      </Fact>
      <Fact name="Sent again">
        <Measured value={row.retransmit_share} needs="retransmissions">
          {percent}
        </Measured>
      </Fact>
      <Fact name="Loss">
        <Measured value={row.loss} needs="loss">
          {percent}
        </Measured>
      </Fact>
      <Fact name="Damaged packets">
        <Measured value={row.errors_in} needs="errors">
          {(incoming) =>
            `${count(incoming)} in, ${row.errors_out === null ? "not told" : count(row.errors_out)} out`
          }
        </Measured>
      </Fact>
    </dl>
  );
}

function Coverage({ row }: { row: LinkRow }) {
  const expected = expectedCoverage(row);
  return (
    <>
      {bothWays(row.coverage_in, row.coverage_out)} of what the interface counted
      {expected && <span class="sub">complete flows, which leave out frames, would be {expected}</span>}
    </>
  );
}

/** Below this a flow's start and end say more about the exporter than about the answer. */
const LEAST_TOLD_NANOSECONDS = 10_000;

function responseWords(low: number, high: number): string {
  if (high < LEAST_TOLD_NANOSECONDS) return "sooner than flows can tell";
  return `within ${milliseconds(low)} to ${milliseconds(high)}`;
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
