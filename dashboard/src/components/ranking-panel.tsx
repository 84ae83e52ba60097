import type { ComponentChildren } from "preact";

import { rankedBy } from "../ranked";
import type { TopRow } from "../rows/top";
import type { Asked } from "../use-answer";
import { Notice } from "./notice";
import { Panel } from "./panel";
import { Ranking } from "./ranking";

interface Properties {
  title: string;
  area: string;
  asked: Asked<TopRow>;
  /** The field ranked by, and the column that says how its values are known. */
  field: string;
  source?: string;
  limit?: number;
  hasDirections?: boolean;
  /** Said under the ranking, such as why it is by port and not by service. */
  children?: ComponentChildren;
}

/** A ranking in a card of its own. */
export function RankingPanel(properties: Properties) {
  const { title, area, asked, field, source, limit = 10, hasDirections = false, children } = properties;
  const { answer } = asked;
  const rows = answer ? rankedBy(answer, field, source, limit) : [];
  return (
    <Panel title={title} area={area} asked={asked}>
      {rows.length === 0 ? (
        <Notice title="Nothing to rank in this range" />
      ) : (
        <Ranking
          rows={rows}
          field={field}
          total={Number(answer?.totals.bytes ?? 0)}
          hasDirections={hasDirections}
        />
      )}
      {children}
    </Panel>
  );
}
