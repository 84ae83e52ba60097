/** How values of a field are shown to people. */

import { protocolName } from "./protocols";
import { serviceName } from "./services";
import { OTHER_KEY } from "./stack";
import type { Split, Top } from "./view";

export const FIELD_NAMES: Record<Split | Top, string> = {
  protocol: "Protocol",
  src_addr: "Source",
  exporter: "Exporter",
  addr: "Host",
  dst_addr: "Destination",
  dst_port: "Port",
};

/** The value of a group as the reader knows it. */
export function valueName(field: Split | Top, key: string): string {
  if (key === OTHER_KEY) return "Other";
  if (field === "protocol") return protocolName(Number(key));
  if (field !== "dst_port") return key;
  const service = serviceName(Number(key));
  return service ? `${key} ${service}` : key;
}
