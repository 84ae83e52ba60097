import { Clocks } from "./pages/clocks/clocks";
import { Flows } from "./pages/flows/flows";
import { Link as LinkPage } from "./pages/links/link";
import { Links } from "./pages/links/links";
import { Nowhere } from "./pages/nowhere";
import { Overview } from "./pages/overview/overview";
import { Person } from "./pages/person/person";
import { Reports } from "./pages/reports/reports";
import { Users } from "./pages/users/users";
import { pathOf } from "./place";
import type { ClockRow } from "./rows/clock";
import type { ExporterRow } from "./rows/exporter";
import type { Asked } from "./use-answer";
import { view } from "./view";

/** What is known of the exporters, asked once for all pages. */
interface Known {
  exporters: Asked<ExporterRow>;
  clocks: Asked<ClockRow>;
}

/** The page of the place the reader is at. Each place is its own, so none inherits what another was shown. */
export function Page(known: Known) {
  const { place } = view.value;
  const key = pathOf(place);
  switch (place.page) {
    case "overview":
      return <Overview key={key} {...known} />;
    case "users":
      return <Users key={key} />;
    case "user":
    case "host":
      return <Person key={key} place={place} />;
    case "flows":
      return <Flows key={key} />;
    case "links":
      return <Links key={key} />;
    case "link":
      return <LinkPage key={key} place={place} />;
    case "clocks":
      return <Clocks key={key} clocks={known.clocks} />;
    case "reports":
      return <Reports key={key} />;
    case "nowhere":
      return <Nowhere key={key} path={place.path} />;
  }
}
