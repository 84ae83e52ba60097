/** An exporter and what came of it. */
export interface ExporterRow {
  exporter: string;
  observation_domain: number;
  protocol_version: string;
  last_received: string | null;
  records: number;
  sampling_interval: number | null;
  lost_sequence: number | null;
  lost_no_template: number | null;
  malformed: number | null;
  tables: string | null;
  state: "receiving" | "silent";
  note: string;
}
