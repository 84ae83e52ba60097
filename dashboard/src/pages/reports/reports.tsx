import { useEffect, useState } from "preact/hooks";

import { read } from "../../ask";
import { Notice } from "../../components/notice";
import { ProblemNotice } from "../../components/problem-notice";
import type { Problem } from "../../answer";
import { ProblemError } from "../../problem-error";
import type { ReportRow, TornReport } from "../../rows/report";
import { view } from "../../view";
import { zone } from "../../zone";
import { Preview } from "./preview";
import { ReportsTable } from "./reports-table";

type Known = (ReportRow | TornReport)[];

/** The reports there are: to look at here, to keep as a file, to have mailed. */
export function Reports() {
  const [known, setKnown] = useState<Known | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isMasked, setMasked] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    read<Known>("/api/v1/reports", controller.signal)
      .then(setKnown)
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        if (!(error instanceof ProblemError)) throw error;
        setProblem(error.problem);
      });
    return () => controller.abort();
  }, []);
  const asking = { timeZone: zone.value, isMasked };
  const reports = (known ?? []).filter((one): one is ReportRow => !("problem" in one));
  const torn = (known ?? []).filter((one): one is TornReport => "problem" in one);
  const chosen = reports.find(({ name }) => name === view.value.by) ?? null;
  return (
    <>
      <h1>Reports</h1>
      <section class="panel" aria-labelledby="reports-title" aria-busy={known === null && problem === null}>
        <header class="panel-head">
          <h2 id="reports-title">Ready to send</h2>
          <label class="panel-aside">
            <input
              type="checkbox"
              checked={isMasked}
              onChange={(event) => setMasked(event.currentTarget.checked)}
            />
            Numbers in place of names
          </label>
        </header>
        <div class="panel-body">
          {problem && <ProblemNotice problem={problem} />}
          {reports.length > 0 && <ReportsTable reports={reports} asking={asking} />}
          {torn.map(({ name, problem: told }) => (
            <Notice key={name} title={`The report ${name} cannot be read`}>
              {told}
            </Notice>
          ))}
          <p class="muted small-print">
            A report is about its own period, whatever range and filter the bar above holds. Days begin at
            midnight in {asking.timeZone}.
          </p>
        </div>
      </section>
      {chosen && <Preview key={chosen.name} report={chosen} asking={asking} />}
    </>
  );
}
