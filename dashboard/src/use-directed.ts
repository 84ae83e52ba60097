import type { SeriesRow } from "./rows/series";
import type { Parameters } from "./questions";
import { useAnswer, type Asked } from "./use-answer";

const INGRESS = "not direction = 1";
const EGRESS = "direction = 1";

/**
 * The traffic through one side of an interface, each packet once.
 * An exporter that meters both on arrival and on departure reports it twice, so arrivals are taken from the
 * records metered on arrival, and only where there are none from those metered on departure.
 */
export function useDirected(
  question: (clause: string) => Parameters,
  side: string,
  isIn: boolean,
): Asked<SeriesRow> {
  const [own, foreign] = isIn ? [INGRESS, EGRESS] : [EGRESS, INGRESS];
  const first = useAnswer("series", question(`${side} and ${own}`));
  const isSilent = first.answer?.data.length === 0;
  const second = useAnswer("series", isSilent ? question(`${side} and ${foreign}`) : null);
  return isSilent ? second : first;
}
