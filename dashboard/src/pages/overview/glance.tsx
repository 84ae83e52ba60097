import type { AlertRow } from "../../rows/alert";
import type { ClockRow } from "../../rows/clock";
import type { LinkRow } from "../../rows/link";
import type { TopRow } from "../../rows/top";
import type { Asked } from "../../use-answer";
import type { Fallen } from "../../use-fallback";
import { LinkTile } from "./link-tile";
import { AlertTile, ClockTile, LeisureTile, TrafficTile, UsersTile } from "./tiles";

interface Properties {
  users: Fallen<TopRow>;
  services: Fallen<TopRow>;
  links: Asked<LinkRow>;
  clocks: Asked<ClockRow>;
  alerts: Asked<AlertRow>;
}

/** The day in six numbers. */
export function Glance({ users, services, links, clocks, alerts }: Properties) {
  return (
    <dl class="tiles" aria-label="At a glance">
      <TrafficTile services={services.asked} />
      <UsersTile users={users.asked} hasFallen={users.hasFallen} />
      <LeisureTile services={services.asked} />
      <LinkTile links={links} />
      <ClockTile clocks={clocks} />
      <AlertTile alerts={alerts} />
    </dl>
  );
}
