/** Places: the pages there are, each with a path a person can read, type and send on. */

export type Place =
  | { page: "overview" }
  | { page: "users" }
  | { page: "user"; name: string }
  | { page: "host"; address: string }
  | { page: "flows" }
  | { page: "links" }
  | { page: "link"; exporter: string; port: string }
  | { page: "clocks" }
  | { page: "reports" }
  | { page: "nowhere"; path: string };

export const OVERVIEW: Place = { page: "overview" };
export const USERS: Place = { page: "users" };
export const LINKS: Place = { page: "links" };
export const FLOWS: Place = { page: "flows" };
export const CLOCKS: Place = { page: "clocks" };
export const REPORTS: Place = { page: "reports" };

/** The place a path leads to; a path that leads nowhere is a place too, which says so. */
export function placeFromPath(path: string): Place {
  const [room = "", ...rest] = path.split("/").slice(1).map(decoded);
  const [first, second] = rest;
  if (room === "" && first === undefined) return OVERVIEW;
  if (room === "users") return first ? { page: "user", name: first } : USERS;
  if (room === "hosts") return first ? { page: "host", address: first } : USERS;
  if (room === "flows" && first === undefined) return FLOWS;
  if (room === "clocks" && first === undefined) return CLOCKS;
  if (room === "reports" && first === undefined) return REPORTS;
  if (room === "links") return first && second ? { page: "link", exporter: first, port: second } : LINKS;
  return { page: "nowhere", path };
}

/** The path of a place. */
export function pathOf(place: Place): string {
  switch (place.page) {
    case "overview":
      return "/";
    case "user":
      return `/users/${segment(place.name)}`;
    case "host":
      return `/hosts/${segment(place.address)}`;
    case "link":
      return `/links/${segment(place.exporter)}/${segment(place.port)}`;
    case "nowhere":
      return place.path;
    default:
      return `/${place.page}`;
  }
}

/** What the place is called in the title bar and in the browser's history. */
export function titleOf(place: Place): string {
  switch (place.page) {
    case "overview":
      return "Overview";
    case "users":
      return "Users & hosts";
    case "flows":
      return "Flows";
    case "links":
      return "Links";
    case "clocks":
      return "Clocks";
    case "reports":
      return "Reports";
    case "user":
      return place.name;
    case "host":
      return place.address;
    case "link":
      return `${place.exporter} interface ${place.port}`;
    case "nowhere":
      return "No such page";
  }
}

// A colon is legal in a path, and IPv6 addresses are unreadable without it.
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a hand-typed % that encodes nothing
  }
}
