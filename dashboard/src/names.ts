/** How fields and their values are shown to people. */

import { serviceName } from "./port-services";
import { protocolName } from "./protocols";

/** The group of everything beyond the limit of a question. */
export const OTHER_KEY = "\u0000other";
/** The group whose value nobody knows. */
export const UNKNOWN_KEY = "\u0000unknown";

const FIELD_NAMES: Record<string, string> = {
  addr: "Host",
  as_name: "Network",
  category: "Category",
  dst_addr: "Destination",
  dst_as_name: "Network",
  dst_country: "Country",
  dst_port: "Port",
  exporter: "Exporter",
  machine: "Machine",
  port: "Port",
  protocol: "Protocol",
  service: "Service",
  site: "Site",
  src_addr: "Source",
  team: "Team",
  user: "User",
};

/** What a field is called on the page; its own name where nobody gave it another. */
export function fieldName(field: string): string {
  return FIELD_NAMES[field] ?? field;
}

/** The value of a group as the reader knows it. */
export function valueName(field: string, key: string): string {
  if (key === OTHER_KEY) return "Other";
  if (key === UNKNOWN_KEY) return "Not known";
  if (field === "protocol") return protocolName(Number(key));
  if (field === "category") return categoryName(key);
  if (!field.endsWith("port")) return key;
  const service = serviceName(Number(key));
  return service ? `${key} ${service}` : key;
}

/** A category begins a line or a row, so it is written large: `Streaming`. */
function categoryName(category: string): string {
  return category.charAt(0).toUpperCase() + category.slice(1);
}

const SOURCES: Record<string, string> = {
  pinned: "pinned by a person",
  exporter: "told by the exporter",
  probe: "seen on the wire by the probe",
  sni: "seen on the wire in the TLS hello",
  http: "seen on the wire in the HTTP request",
  dns: "from the client's own DNS question",
  ptr: "from reverse DNS, so a guess",
  inventory: "from the inventory file",
  dhcp: "from a DHCP lease",
  radius: "from RADIUS accounting",
  arp: "from an ARP or neighbour table",
  hidden: "hidden: the hello and the DNS question were encrypted",
  ranges: "from the network it lies in",
};

/** How a name is known, in words; the badge beside it holds only the short word. */
export function sourceWords(source: string): string {
  return SOURCES[source] ?? `from ${source}`;
}
