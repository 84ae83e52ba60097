import { EmptyRange } from "../../components/empty-range";
import { Panel } from "../../components/panel";
import { asked } from "../../question";
import { useAnswer } from "../../use-answer";
import { view } from "../../view";
import { FlowsTable } from "./flows-table";

const SHOWN = 100;

/** The flows themselves: what every number on the other pages is made of. */
export function Flows() {
  const flows = useAnswer("flows", { ...asked(), order: view.value.order, top: SHOWN });
  const rows = flows.answer?.data ?? [];
  return (
    <>
      <h1>Flows</h1>
      <Panel title="In order of time" area="flows" asked={flows}>
        {flows.answer && rows.length === 0 ? (
          <EmptyRange answer={flows.answer} />
        ) : (
          <FlowsTable rows={rows} />
        )}
        {rows.length === SHOWN && (
          <p class="muted small-print">The first {SHOWN}; a filter or a shorter range shows others.</p>
        )}
      </Panel>
    </>
  );
}
