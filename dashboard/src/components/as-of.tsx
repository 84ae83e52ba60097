import { untracked } from "@preact/signals";

import { now } from "../live";
import { dateTime, day, timeOfDay } from "../moment";
import { givenBefore } from "../underway";

/** When the numbers are from that stand on the page until the newest come. Not there at all once they are new. */
export function AsOf() {
  const [...moments] = givenBefore.value;
  if (moments.length === 0) return null;
  const oldest = Math.min(...moments);
  const isToday = day(oldest) === day(untracked(now));
  return (
    <span class="as-of" role="status" title={`${dateTime(oldest)}; newer numbers are on their way`}>
      as of {isToday ? timeOfDay(oldest) : dateTime(oldest)}
    </span>
  );
}
