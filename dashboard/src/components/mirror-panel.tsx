import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

import { isOpenEnded } from "../live";
import { mirrorOf, type Side } from "../mirror";
import { DOWN, UP } from "../palette";
import type { Line, Picture } from "../picture";
import type { SeriesRow } from "../rows/series";
import { isDark } from "../theme";
import { span } from "../units";
import type { Asked } from "../use-answer";
import { EmptyRange } from "./empty-range";
import { Legend } from "./legend";
import { Panel } from "./panel";
import { RateView } from "./rate-view";

export interface AskedSide {
  name: string;
  asked: Asked<SeriesRow>;
  metric: Side["metric"];
}

interface Properties {
  title: string;
  above: AskedSide;
  below: AskedSide;
  lines?: readonly Line[];
  children?: ComponentChildren;
}

const NO_LINES: readonly Line[] = [];

/** Both directions over time, about one axis. */
export function MirrorPanel({ title, above, below, lines = NO_LINES, children }: Properties) {
  const step = Number.parseInt(String(above.asked.question?.step ?? "60"), 10);
  const answers = [above.asked.answer, below.asked.answer] as const;
  const picture = useMemo(
    () => pictureOf(above, below, lines, step),
    [...answers, lines, isDark.value, isOpenEnded.value],
  );
  const [first, second] = answers;
  const isEmpty = first?.data.length === 0 && second?.data.length === 0;
  return (
    <Panel
      title={title}
      area="traffic"
      asked={above.asked}
      aside={<span class="muted">{span(step)} steps</span>}
    >
      {isEmpty && <EmptyRange answer={first} />}
      {!isEmpty && picture && (
        <>
          <RateView
            picture={picture}
            label={`${above.name} above and ${below.name.toLowerCase()} below the axis over time; the table below has the same numbers`}
          />
          <Legend picture={picture} />
        </>
      )}
      {children}
    </Panel>
  );
}

function pictureOf(above: AskedSide, below: AskedSide, lines: readonly Line[], step: number): Picture | null {
  const [first, second] = [above.asked.answer, below.asked.answer];
  if (!first || !second) return null;
  const scheme = isDark.value ? "dark" : "light";
  const sides: Side[] = [
    { name: above.name, metric: above.metric, colour: DOWN[scheme], isBelow: false, answer: first },
    { name: below.name, metric: below.metric, colour: UP[scheme], isBelow: true, answer: second },
  ];
  return {
    ...mirrorOf(sides, step),
    lines: [...lines],
    before: [],
    isDark: isDark.value,
    isOpenEnded: isOpenEnded.value,
  };
}
