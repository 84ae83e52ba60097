import { EmptyRange } from "../../components/empty-range";
import { Pager } from "../../components/pager";
import { Panel } from "../../components/panel";
import { asked } from "../../question";
import { useAnswer } from "../../use-answer";
import { view } from "../../view";
import { FlowsTable } from "./flows-table";

const SHOWN = 100;

/** The flows themselves: what every number on the other pages is made of. */
export function Flows() {
  const { order, cursor } = view.value;
  const flows = useAnswer("flows", { ...asked(), order, top: SHOWN, cursor });
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
        <Pager
          shown={rows.length}
          total={Number(flows.answer?.totals.flows ?? 0)}
          next={flows.answer?.next ?? null}
        />
      </Panel>
    </>
  );
}
