/** A device and an NTP server that it asks, or a device that asks none. */
export interface TimeDeviceRow {
  address: string;
  machine: string | null;
  user: string | null;
  last_seen: string;
  server: string | null;
  is_server_home: boolean | null;
  requests: number | null;
  answers: number | null;
  first_asked: string | null;
  last_asked: string | null;
  is_own_server: boolean;
  interval_seconds: number | null;
  state: "asks" | "asked once" | "stopped" | "never asks";
  /** The device's clock minus the collector's, where it lets our own server see it. */
  offset_seconds: number | null;
  sync: "in sync" | "off" | "unknown";
  seen_by: "flows" | "server" | "both";
}
