/** Names of the IP protocols people meet (IANA protocol numbers). */
const NAMES: Record<number, string> = {
  1: "ICMP",
  2: "IGMP",
  4: "IP in IP",
  6: "TCP",
  17: "UDP",
  41: "IPv6 in IP",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  89: "OSPF",
  103: "PIM",
  112: "VRRP",
  132: "SCTP",
};

/** The name of a protocol number, or the number itself. */
export function protocolName(number: number): string {
  return NAMES[number] ?? `protocol ${number}`;
}
