import { CLOCKS, FLOWS, LINKS, OVERVIEW, REPORTS, USERS, titleOf, type Place } from "../place";
import { view } from "../view";
import { Link } from "./link";

const ENTRIES = [
  { place: OVERVIEW, pages: ["overview"] },
  { place: USERS, pages: ["users", "user", "host"] },
  { place: LINKS, pages: ["links", "link"] },
  { place: CLOCKS, pages: ["clocks"] },
  { place: FLOWS, pages: ["flows"] },
  { place: REPORTS, pages: ["reports"] },
] as const satisfies { place: Place; pages: Place["page"][] }[];

/** The pages there are. */
export function Navigation() {
  const { page } = view.value.place;
  return (
    <nav class="navigation" aria-label="Pages">
      {ENTRIES.map(({ place, pages }) => (
        <Link key={place.page} to={{ place }} isCurrent={pages.some((name) => name === page)}>
          {titleOf(place)}
        </Link>
      ))}
    </nav>
  );
}
